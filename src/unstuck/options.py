"""What a person may choose about a treatment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a person may choose."""

    trace: Path | None = None
    budget: float | None = 0.02
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool = False
    seed: int | None = None
    max_steps: int | None = None
    #: A name ("validation.loss", "val acc") or a regular expression with one group.
    metric: str | None = None
    pairs: int | None = None
    steps: int | None = None
    jobs: int | None = None
    #: Wall-clock seconds of the whole treatment.
    time_limit: float | None = None
    #: Only these; ids, joined by + for a combination.
    remedy: tuple[str, ...] = ()
    #: Try everything that fits, and settle it; without, the treatment ends as soon as something is proven.
    thorough: bool = False
    no_cache: bool = False
    no_compile: bool = False
    quiet: bool = False
    folder: Path = field(default_factory=lambda: Path(".unstuck") / "arms")
    memory_limit_mb: int | None = None
    #: Draft the proven remedy as a change of the script, and try that; write it into the script, even over changes not committed.
    diff: bool = False
    apply: bool = False
    force: bool = False
