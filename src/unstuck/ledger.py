"""What a treatment is about to try, what was measured so far, and what that proves at any moment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from unstuck.judgement import MIN_PAIRS, judge
from unstuck.records import Text, Trial, Verdict, Yardstick

Remedies = tuple[str, ...]
#: The order in which remedies of a combination are named and applied: a new activation first, then weights that fit it.
ORDER = ("data", "model", "weights", "optimizer", "loss", "loop")
#: Pair numbers of the confirmation start here: no seed of the screening is used again.
FRESH = 100


@dataclass(frozen=True)
class Candidate:
    """Something to try."""

    remedies: Remedies
    #: What they change ("model", "weights", ...).
    touches: frozenset[str] = frozenset()
    #: Root cause of the finding that proposed it; "" = tried on general grounds.
    root_cause: str = ""


@dataclass(frozen=True)
class Plan:
    """How much is tried; fixed before the first arm."""

    screen_steps: int
    confirm_steps: int
    pairs: int = 8
    finalists: int = 3
    settle: bool = True
    #: First pair number (the user's --seed).
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True)
class Want:
    """A number that is asked for: the yardstick of one arm after so many steps."""

    remedies: Remedies
    seed: int
    steps: int


@dataclass(frozen=True)
class Reading:
    """The answer."""

    value: float | None
    diverged: bool = False
    in_force: bool | None = None
    failure: str = ""


@dataclass(frozen=True)
class Confirmation:
    """Pairs on fresh seeds, at the last look that decided something (`pursuit.py`)."""

    steps: int
    pairs: int
    #: What the error rate is divided by for this look.
    comparisons: int
    #: What the treatment had cost when this look settled it, in full runs; 0 where it settled nothing.
    cost: float = 0.0


@dataclass
class Record:
    """What was measured so far; enough for verdicts at any moment."""

    plan: Plan
    yardstick: Yardstick
    readings: dict[Want, Reading] = field(default_factory=dict)
    tried: dict[Remedies, Candidate] = field(default_factory=dict)
    finalists: list[Remedies] = field(default_factory=list)
    #: In the order in which they were begun.
    confirmed: dict[Remedies, Confirmation] = field(default_factory=dict)

    def gain(self, remedies: Remedies, seed: int, steps: int) -> float | None:
        """Treated minus untouched in one pair, positive = better; infinite where one of both diverged; None = not known."""
        control, treated = self.readings.get(Want((), seed, steps)), self.readings.get(Want(remedies, seed, steps))
        if control is None or treated is None or treated.in_force is False:
            return None
        if control.value is not None and treated.value is not None:
            return (treated.value - control.value) * (1 if self.yardstick.higher_is_better else -1)
        if treated.diverged and control.value is not None:
            return -math.inf
        if control.diverged and treated.value is not None:
            return math.inf
        return None

    def rank(self, remedies: Remedies, seed: int, steps: int) -> tuple[float, float, int]:
        """Sorts the best first: by gain, then (where the untouched arm diverged) by what was reached, then the simplest."""
        gain, reading = self.gain(remedies, seed, steps), self.readings.get(Want(remedies, seed, steps))
        sign = 1 if self.yardstick.higher_is_better else -1
        reached = sign * reading.value if reading is not None and reading.value is not None else 0.0
        return -(gain if gain is not None else -math.inf), -reached, len(remedies)

    def trial(self, remedies: Remedies, seeds: Iterable[int], steps: int) -> Trial:
        """The pairs of which both arms are known."""
        pairs = [(s, self.readings.get(Want((), s, steps)), self.readings.get(Want(remedies, s, steps))) for s in seeds]
        known = [(s, a, b) for s, a, b in pairs if a is not None and b is not None]
        force = [b.in_force for _, _, b in known]
        failures = [f"{who}, pair {s}: {r.failure}" for s, a, b in known for who, r in (("untouched", a), ("treated", b)) if r.failure]
        return Trial(
            remedies=remedies,
            seeds=tuple(s for s, _, _ in known),
            steps=steps,
            yardstick=self.yardstick,
            control=tuple(a.value for _, a, _ in known),
            treated=tuple(b.value for _, _, b in known),
            root_cause=self.tried[remedies].root_cause,
            in_force=False if False in force else True if True in force else None,
            failures=tuple(failures),
            diverged_control=tuple(i for i, (_, a, _) in enumerate(known) if a.value is None and a.diverged),
            diverged_treated=tuple(i for i, (_, _, b) in enumerate(known) if b.value is None and b.diverged),
        )


def fresh_seeds(plan: Plan) -> list[int]:
    """Pair numbers of the confirmation."""
    return [plan.seed + FRESH + i for i in range(plan.pairs)]


# ---------------------------------------------------------------------------------------------------------- verdicts


def verdicts(record: Record) -> list[Verdict]:
    """One for everything that was tried, also in the middle of a treatment."""
    plan, found = record.plan, []
    for remedies in record.tried:
        look = record.confirmed.get(remedies)
        if look is not None and look.pairs:
            trial = record.trial(remedies, fresh_seeds(plan)[: look.pairs], look.steps)
            found.append(judge(trial, comparisons=look.comparisons, level=plan.level))
            continue
        if remedies in record.finalists:
            trial = record.trial(remedies, fresh_seeds(plan), plan.confirm_steps)
            if trial.seeds:
                found.append(judge(trial, comparisons=len(record.finalists), level=plan.level))
                continue
        found.append(screened(record, remedies))
    return [v for v in found if v.trial.seeds]


def screened(record: Record, remedies: Remedies) -> Verdict:
    """The verdict on what was not confirmed; never "helps", because the same numbers decided that it is not worth confirming."""
    plan = record.plan
    seeds = range(plan.seed, plan.seed + MIN_PAIRS)
    lengths = sorted({w.steps for w in record.readings if w.remedies == remedies}) or [plan.screen_steps]
    trial = max((record.trial(remedies, seeds, s) for s in lengths), key=lambda t: (len(t.seeds), t.steps))
    verdict = judge(trial, level=plan.level)
    if verdict.outcome == "helps":
        reason = Text("screened only; others did better and were confirmed instead", "只经过初筛；表现更好的其他疗法进入了确认阶段")
        return replace(verdict, outcome="unclear", reason=reason)
    return verdict


def best(found: Sequence[Verdict]) -> Remedies:
    """The remedies with the largest proven effect; the fewest among those that are within the margin of it."""
    helping = [v for v in found if v.outcome == "helps"]
    if not helping:
        return ()
    top = max(v.effect if v.effect is not None else math.inf for v in helping)
    near = [v for v in helping if v.effect is None or v.effect >= top - v.trial.yardstick.margin]
    return min(near, key=lambda v: (len(v.trial.remedies), -(v.effect or 0.0))).trial.remedies
