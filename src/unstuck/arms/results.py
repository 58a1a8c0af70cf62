"""What came of an arm: what its process leaves in the folder, and what is read from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import fsum
from pathlib import Path
from typing import Literal

import msgspec

ArmExit = Literal["finished", "stopped", "failed", "timeout", "killed"]

#: Recorded over the whole run that a yardstick may be read from.
RUN_SIGNALS = ("accuracy", "r2", "recall", "loss")


@dataclass(frozen=True)
class Series:
    """A yardstick over the steps of one arm."""

    #: Last optimizer step (from 0) before the value was taken.
    steps: tuple[int, ...] = ()
    #: None = not finite.
    values: tuple[float | None, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """What came of an arm."""

    key: str
    exit: ArmExit
    #: Last line of the error, where it failed.
    error: str | None = None
    #: Seconds of one core that the process took (with its loader workers), and of these until the first step ended.
    seconds: float = 0.0
    startup_s: float = 0.0
    steps: int = 0
    #: The remedies were still there after the last step; None = they cannot tell.
    in_force: bool | None = None
    #: Why the arm does not count as treated.
    remedy_errors: tuple[str, ...] = ()
    #: Because the remedies could not be put into the script as it runs; nothing speaks against them.
    out_of_reach: bool = False
    #: What the feed of a check measured beside the trace.
    answers: Mapping[str, float] = field(default_factory=dict)
    #: "validation.accuracy", "training.r2", "loss.value", "printed val acc", ... -> values.
    series: Mapping[str, Series] = field(default_factory=dict)
    #: File with what was seen; "" = none.
    trace: str = ""
    #: Files outside the arm's folder that the script opened for writing.
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What the arm's own process knows and nobody can read from its files."""

    exit: ArmExit = "killed"
    error: str | None = None
    seconds: float = 0.0
    startup_s: float = 0.0
    steps: int = 0
    in_force: bool | None = None
    remedy_errors: tuple[str, ...] = ()
    out_of_reach: bool = False
    answers: Mapping[str, float] = field(default_factory=dict)
    outside: tuple[str, ...] = ()


def write(folder: Path, ending: Ending) -> None:
    """Leave it in the arm's folder."""
    (folder / "ending.json").write_bytes(msgspec.json.encode(ending))


def collect(key: str, folder: Path, exit: ArmExit | None = None, seconds: float = 0.0) -> ArmResult:
    """The result of an arm from the files that it left; `exit` where its process was ended from outside."""
    from unstuck.arms.output import printed_in

    path = folder / "ending.json"
    ending = msgspec.json.decode(path.read_bytes(), type=Ending) if path.is_file() else Ending(exit=exit or "killed", seconds=seconds)
    series = {name: _series(*pair) for name, pair in printed_in(folder).items()}
    series |= series_of(folder / "trace")
    last = max((s.steps[-1] + 1 for s in series.values() if s.steps), default=0)
    if exit is not None and not path.is_file():
        ending = replace(ending, error=ending_of(folder / "output.txt"))
    return ArmResult(
        key=key,
        exit=ending.exit,
        error=ending.error,
        seconds=ending.seconds,
        startup_s=ending.startup_s,
        steps=ending.steps or last,
        in_force=ending.in_force,
        remedy_errors=ending.remedy_errors,
        out_of_reach=ending.out_of_reach,
        answers=ending.answers,
        series=series,
        trace=str(folder / "trace") if (folder / "trace").is_file() else "",
        outside=ending.outside,
    )


def series_of(trace: Path) -> dict[str, Series]:
    """What a trace holds that an arm may be judged by."""
    from unstuck.errors import UnstuckError
    from unstuck.store import load

    if not trace.is_file():
        return {}
    try:
        loaded = load(trace)
    except (UnstuckError, OSError):
        return {}
    names = [f"{phase}.{name}" for phase in ("validation", "training", "batch") for name in RUN_SIGNALS] + ["loss.value"]
    found = {name: loaded.signal(name) for name in names}
    series = {n: _series(s.steps.tolist(), s.values.tolist()) for n, s in found.items() if s is not None and len(s)}
    recalls: dict[int, list[float]] = {}
    for signal in loaded.each("validation.class_recall"):
        for step, value in zip(signal.steps.tolist(), signal.values.tolist(), strict=True):
            recalls.setdefault(int(step), []).append(float(value))
    if recalls:  # mean over the classes: balanced accuracy
        steps = sorted(recalls)
        series["validation.recall"] = _series(steps, [fsum(recalls[s]) / len(recalls[s]) for s in steps])
    return series


def _series(steps: list[int], values: list[float]) -> Series:
    finite = tuple(v if v == v and abs(v) != float("inf") else None for v in map(float, values))
    return Series(tuple(map(int, steps)), finite)


def ending_of(output: Path, length: int = 300) -> str | None:
    """The last line that an arm printed."""
    if not output.is_file():
        return None
    lines = output.read_bytes()[-4096:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:length] if lines else None
