"""One arm: a program run from the top in its own process and folder, with some remedies, the random numbers of one pair, and a limit."""

from __future__ import annotations

import hashlib
import os
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from unstuck.arms.sources import fingerprint
from unstuck.attach.script import Program
from unstuck.records import Facts

ArmExit = Literal["finished", "stopped", "failed", "timeout", "killed"]

#: Share of the time that watching an arm may take. 0: only the first steps and then ever rarer ones are sampled, at steps that do not
#: depend on the clock, so that two arms that do the same also show the same.
BUDGET = 0.0
#: Recorded over the whole run that a yardstick may be read from.
RUN_SIGNALS = ("accuracy", "r2", "loss")


@dataclass(frozen=True)
class Arm:
    """What an arm is; equal arms give equal results."""

    program: Program
    #: Ids, in the order in which they are applied.
    remedies: tuple[str, ...] = ()
    #: Number of the pair: 0 = the script's own random numbers, k = all seeds moved by k * `seeding.OFFSET`.
    seed: int | None = 0
    #: Optimizer steps; None = to the end.
    steps: int | None = None
    #: Wall-clock seconds.
    time_limit_s: float | None = None
    #: Regular expression with one group, searched for in what the script prints; None = the usual forms.
    metric: str | None = None
    memory_limit_mb: int | None = None
    #: An arm of a trial: seeds are set, and data and model draw from separate random streams. False = the script as it is.
    paired: bool = True
    #: Share of the time that watching may take (see `recorder.py`).
    budget: float | None = BUDGET
    #: Folder that the program's relative paths mean.
    home: Path = field(default_factory=Path.cwd)

    def content_key(self) -> str:
        """sha256 over everything that decides the result."""
        parts: list[object] = [fingerprint(self.program, self.home), settings_of(self.remedies), self.seed, self.steps, self.time_limit_s]
        parts += [self.metric, self.memory_limit_mb, self.paired, self.budget, os.environ.get("SEED"), *versions()]
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def settings_of(remedies: tuple[str, ...]) -> str:
    """The remedies with their limits."""
    from unstuck import plugins

    known = plugins.load("remedies")
    found = [known.get(name) for name in remedies]
    return repr([(n, asdict(p) if is_dataclass(p) and not isinstance(p, type) else {}) for n, p in zip(remedies, found, strict=True)])


@cache
def versions() -> tuple[str, str]:
    """Of unstuck (its version, and its sources: a developer changes remedies without a new version) and of torch."""
    import torch

    from unstuck import __version__

    digest = hashlib.sha256(__version__.encode())
    ours = Path(__file__).parents[1]
    for folder in ("attach", "arms", "probes", "remedies", "."):
        for path in sorted((ours / folder).glob("*.py")):
            if folder != "." or path.name in ("training.py", "recorder.py"):
                digest.update(path.read_bytes())
    return digest.hexdigest(), str(torch.__version__)


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
    #: "validation.accuracy", "training.r2", "loss.value", "printed val acc", ... -> values.
    series: Mapping[str, Series] = field(default_factory=dict)
    #: File with what was seen; "" = none.
    trace: str = ""
    #: Files outside the arm's folder that the script opened for writing.
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Ending:
    """What the arm's own process knows and nobody can read from its files."""

    exit: ArmExit = "killed"
    error: str | None = None
    seconds: float = 0.0
    startup_s: float = 0.0
    steps: int = 0
    in_force: bool | None = None
    remedy_errors: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def run_arm(arm: Arm, folder: Path, facts: Facts | None = None) -> ArmResult:
    """Run an arm in this process, which is not fit for anything else afterwards. `facts`: of the untouched run."""
    import torch

    from unstuck.arms.output import capture
    from unstuck.arms.stopping import StepCounter
    from unstuck.arms.workplace import Workplace

    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the same in all arms; and more would hang in a fork of a process that computed in parallel
    state: dict[str, Any] = {"asked": None, "ending": _Ending(exit="stopped")}

    def known_so_far() -> _Ending:
        seconds = core_seconds()
        first = counter.first if counter.first is not None else seconds
        asked = state["asked"]
        told = {"in_force": asked.in_force, "remedy_errors": asked.errors} if asked is not None else {}
        known = {"seconds": seconds, "startup_s": first, "steps": counter.steps, "outside": tuple(workplace.outside)}
        ending: _Ending = replace(state["ending"], **known, **told)
        return ending

    def leave() -> None:  # the script swallowed Stop
        if state["asked"] is not None:
            state["asked"].ask()
        _write(folder, known_so_far())
        time.sleep(0.5)  # the trace writes itself every 0.2 s
        os._exit(0)

    counter = StepCounter(arm.steps, leave)
    workplace = Workplace(arm.home, folder / "work")
    capture(folder, lambda: counter.steps, arm.metric)
    workplace.enter()
    counter.install()
    state["ending"] = _run(arm, folder, facts, workplace.inside, state)
    _write(folder, known_so_far())
    return collect(arm, folder)


def _run(arm: Arm, folder: Path, facts: Facts | None, inside: Any, state: dict[str, Any]) -> _Ending:
    """Run the program with everything installed around it."""
    from unstuck.arms import seeding
    from unstuck.attach.script import watch_program
    from unstuck.store import load

    program = replace(arm.program, path=inside(arm.program.path)) if arm.program.path is not None else arm.program
    try:
        if arm.paired:
            seeding.install(arm.seed or 0)
            split_streams(arm.seed or 0)
        injection = injection_of(arm, facts)
        state["asked"] = Asked(injection) if injection is not None else None
        watch_program(program, trace=folder / "trace", budget=arm.budget, seed=arm.seed, max_steps=arm.steps, injection=injection)
        facts = load(folder / "trace").facts
        return _Ending(exit="stopped" if facts.exit == "running" else facts.exit, error=facts.error)
    except Exception as error:
        traceback.print_exc()
        return _Ending(exit="failed", error=f"{type(error).__name__}: {error}")
    finally:
        sys.stdout.flush()  # the process ends without Python's own clean-up


def split_streams(seed: int) -> None:
    """Data and model draw from separate random streams, so that a remedy that draws does not change the order of the data."""
    from unstuck.attach.streams import split_random_streams

    split_random_streams(seed)


def injection_of(arm: Arm, facts: Facts | None) -> Any:
    """The remedies, ready to be put into the running script; None for an untouched arm."""
    if not arm.remedies:
        return None
    from unstuck import plugins
    from unstuck.attach.injection import Injection

    return Injection([plugins.remedies()[name] for name in arm.remedies], facts, arm.seed or 0)


def core_seconds() -> float:
    """What this process and the children that it waited for have computed; waiting for a busy machine costs nothing."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


class Asked:
    """An injection that is asked whether it is in force before it is taken out: afterwards nothing would be."""

    def __init__(self, injection: Any) -> None:
        self.injection = injection
        self.in_force: bool | None = None
        self.errors: tuple[str, ...] = ()
        self._uninstall = injection.uninstall
        injection.uninstall = self._ask_and_uninstall

    def ask(self) -> None:
        """Note the answers."""
        try:
            self.in_force = self.injection.in_force()
            self.errors = tuple(self.injection.errors)
        except Exception as error:
            self.errors = (f"{type(error).__name__}: {error}",)

    def _ask_and_uninstall(self) -> None:
        self.ask()
        self._uninstall()


def _write(folder: Path, ending: _Ending) -> None:
    (folder / "ending.json").write_bytes(msgspec.json.encode(ending))


def collect(arm: Arm, folder: Path, exit: ArmExit | None = None, seconds: float = 0.0) -> ArmResult:
    """The result of an arm from the files that it left; `exit` where its process was ended from outside."""
    from unstuck.arms.output import printed_in

    path = folder / "ending.json"
    ending = msgspec.json.decode(path.read_bytes(), type=_Ending) if path.is_file() else _Ending(exit=exit or "killed", seconds=seconds)
    series = {name: _series(*pair) for name, pair in printed_in(folder).items()}
    series |= series_of(folder / "trace")
    last = max((s.steps[-1] + 1 for s in series.values() if s.steps), default=0)
    if exit is not None and not path.is_file():
        ending = replace(ending, error=ending_of(folder / "output.txt"))
    return ArmResult(
        key=arm.content_key(),
        exit=ending.exit,
        error=ending.error,
        seconds=ending.seconds,
        startup_s=ending.startup_s,
        steps=ending.steps or last,
        in_force=ending.in_force,
        remedy_errors=ending.remedy_errors,
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
    names = [f"{phase}.{name}" for phase in ("validation", "training") for name in RUN_SIGNALS] + ["loss.value"]
    found = {name: loaded.signal(name) for name in names}
    return {n: _series(s.steps.tolist(), s.values.tolist()) for n, s in found.items() if s is not None and len(s)}


def _series(steps: list[int], values: list[float]) -> Series:
    finite = tuple(v if v == v and abs(v) != float("inf") else None for v in map(float, values))
    return Series(tuple(map(int, steps)), finite)


def ending_of(output: Path, length: int = 300) -> str | None:
    """The last line that an arm printed."""
    if not output.is_file():
        return None
    lines = output.read_bytes()[-4096:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:length] if lines else None
