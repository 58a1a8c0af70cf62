"""One arm: a program run from the top in its own process and folder, with some remedies, the random numbers of one pair, and a limit."""

from __future__ import annotations

import hashlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.arms.resting import rest
from unstuck.arms.results import Ending, write
from unstuck.arms.sources import fingerprint
from unstuck.attach.script import Program
from unstuck.records import Facts

if TYPE_CHECKING:
    from unstuck.plugins import Moment, Touches
    from unstuck.recorder import Recorder
    from unstuck.training import Training

#: Share of the time that watching an arm may take. 0: only the first steps and then ever rarer ones are sampled, at steps that do not
#: depend on the clock, so that two arms that do the same also show the same.
BUDGET = 0.0


@dataclass(frozen=True)
class Arm:
    """What an arm is; equal arms give equal results."""

    program: Program
    #: Ids, in the order in which they are applied.
    remedies: tuple[str, ...] = ()
    #: Question of the check-up that this arm answers: "one-batch", "learning-rates 10"; "" = none.
    check: str = ""
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
    #: Share of the time that watching may take (see `budget.py`).
    budget: float | None = BUDGET
    #: First steps that are all sampled; None = as many as rules need. An arm that is only judged by its yardstick needs hardly any.
    dense: int | None = None
    #: Every training batch is scored at its loss function: the yardstick where a script has no validation to be judged by.
    scores: bool = False
    #: Folder that the program's relative paths mean.
    home: Path = field(default_factory=Path.cwd)
    #: Files that have another content in this arm: a patch on trial.
    overlay: tuple[tuple[str, bytes], ...] = ()

    def content_key(self) -> str:
        """sha256 over everything that decides the result."""
        parts: list[object] = [
            fingerprint(self.program, self.home),
            settings_of(self.remedies),
            self.check,
            self.seed,
            self.steps,
            self.time_limit_s,
        ]
        parts += [self.metric, self.memory_limit_mb, self.paired, self.budget, self.dense, self.scores, self.overlay]
        parts += [os.environ.get("SEED"), *versions()]
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
    for folder in ("attach", "arms", "probes", "remedies", "checks", "."):
        for path in sorted((ours / folder).glob("*.py")):
            if folder != "." or path.name in ("training.py", "recorder.py", "budget.py", "run_facts.py"):
                digest.update(path.read_bytes())
    return digest.hexdigest(), str(torch.__version__)


def run_arm(arm: Arm, folder: Path, facts: Facts | None = None, line: Connection | None = None) -> None:
    """Run an arm in this process, which is not fit for anything else afterwards, and leave in `folder` what `results.collect` reads.

    `facts`: of the untouched run. `line`: the arm rests after its steps, and may be sent on (`resting.py`).
    """
    import torch

    from unstuck.arms.output import capture
    from unstuck.arms.stopping import StepCounter
    from unstuck.arms.workplace import Workplace

    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the same in all arms; and more would hang in a fork of a process that computed in parallel
    state: dict[str, Any] = {"asked": None, "ending": Ending(exit="stopped")}

    def known_so_far() -> Ending:
        seconds = core_seconds()
        first = counter.first if counter.first is not None else seconds
        asked = state["asked"]
        names = {"in_force": "in_force", "remedy_errors": "errors", "out_of_reach": "out_of_reach", "answers": "answers"}
        told = {key: getattr(asked, name) for key, name in names.items()} if asked is not None else {}
        known = {"seconds": seconds, "startup_s": first, "steps": counter.steps, "outside": tuple(workplace.outside)}
        ending: Ending = replace(state["ending"], **known, **told)
        return ending

    def leave() -> None:  # the script swallowed Stop
        if state["asked"] is not None:
            state["asked"].ask()
        write(folder, known_so_far())
        time.sleep(0.5)  # the trace writes itself every 0.2 s
        os._exit(0)

    def further(recorder: Recorder) -> int:
        if line is None:
            return 0
        if state["asked"] is not None:
            state["asked"].ask()
        recorder.flush()
        write(folder, known_so_far())
        counter.limit = rest(line)
        return counter.limit

    counter = StepCounter(arm.steps, leave)
    workplace = Workplace(arm.home, folder / "work", dict(arm.overlay))
    capture(folder, lambda: counter.steps, arm.metric)
    workplace.enter()
    counter.install()
    state["ending"] = _run(arm, folder, facts, workplace.inside, state, further)
    write(folder, known_so_far())


def _run(arm: Arm, folder: Path, facts: Facts | None, inside: Any, state: dict[str, Any], further: Callable[[Recorder], int]) -> Ending:
    """Run the program with everything installed around it."""
    from unstuck.arms import seeding
    from unstuck.attach.script import watch_program
    from unstuck.store import peek

    program = replace(arm.program, path=inside(arm.program.path)) if arm.program.path is not None else arm.program
    try:
        if arm.paired:
            seeding.install(arm.seed or 0)
            split_streams(arm.seed or 0)
        injection = injection_of(arm, facts)
        state["asked"] = Asked(injection) if injection is not None else None
        limits = {"budget": arm.budget, "dense": arm.dense, "scores": arm.scores, "max_steps": arm.steps, "further": further}
        watch_program(program, trace=folder / "trace", seed=arm.seed, injection=injection, **limits)  # type: ignore[arg-type]
        facts = peek(folder / "trace")
        return Ending(exit="stopped" if facts.exit == "running" else facts.exit, error=facts.error)
    except Exception as error:
        traceback.print_exc()
        return Ending(exit="failed", error=f"{type(error).__name__}: {error}")
    finally:
        sys.stdout.flush()  # the process ends without Python's own clean-up


def split_streams(seed: int) -> None:
    """Data and model draw from separate random streams, so that a remedy that draws does not change the order of the data."""
    from unstuck.attach.streams import split_random_streams

    split_random_streams(seed)


def injection_of(arm: Arm, facts: Facts | None) -> Any:
    """The remedies and the check's question, ready to be put into the running script; None for an untouched arm."""
    if not arm.remedies and not arm.check:
        return None
    from unstuck import plugins
    from unstuck.attach.injection import Injection

    changes: list[plugins.Change] = [plugins.remedies()[name] for name in arm.remedies]
    if arm.check:
        changes.append(Posed(arm.check, arm.steps or 0))
    return Injection(changes, facts, arm.seed or 0)


def core_seconds() -> float:
    """What this process and the children that it waited for have computed; waiting for a busy machine costs nothing."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


class Posed:
    """The question of a check in one arm, put in where the optimizer was built."""

    touches: Touches = "data"
    moment: Moment = "ready"

    def __init__(self, question: str, steps: int) -> None:
        from unstuck import plugins

        self.id, _, variant = question.partition(" ")
        self.feed = plugins.checks()[self.id].feed(variant, steps)

    def apply(self, training: Training) -> None:
        """Once per optimizer; the feed is one for all."""
        self.feed.add(training)

    def in_force(self, training: Training) -> bool | None:
        """Something was changed."""
        return self.feed.in_force(training)


class Asked:
    """An injection that is asked whether it is in force before it is taken out: afterwards nothing would be."""

    def __init__(self, injection: Any) -> None:
        self.injection = injection
        self.in_force: bool | None = None
        self.errors: tuple[str, ...] = ()
        self.out_of_reach = False
        self.answers: dict[str, float] = {}
        self._uninstall = injection.uninstall
        injection.uninstall = self._ask_and_uninstall

    def ask(self) -> None:
        """Note the answers."""
        try:
            self.in_force = self.injection.in_force()
            self.errors, self.out_of_reach = tuple(self.injection.errors), self.injection.out_of_reach
            for change in self.injection.remedies:
                if isinstance(change, Posed):
                    self.answers |= change.feed.answers()
        except Exception as error:
            self.errors = (f"{type(error).__name__}: {error}",)

    def _ask_and_uninstall(self) -> None:
        self.ask()
        self._uninstall()
