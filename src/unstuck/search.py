"""Which arms to run next: every decision of a treatment, as functions of numbers alone.

    screen     every candidate once, short, against the same untouched arm
    shortlist  the better ones, and combinations of the best ones that change different things, once more, longer, on another seed
    confirm    the best few on *fresh* seeds that had no part in choosing them; one that cannot win any more is dropped
    settle     the others get enough pairs to say "no difference" or "harms", where the budget allows

Only what is confirmed can "help". The confirmation looks at numbers that had no part in the selection, so the best of many remedies gets no
credit for having been lucky; it is read once, at its end, with as many comparisons counted as remedies were confirmed. So under no effect
the chance of any false "helps" in a whole treatment is at most half of 1 - level (`tests/test_judgement.py` runs this code on noise).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from unstuck.judgement import MIN_PAIRS, hopeless, judge
from unstuck.records import Text, Trial, Verdict, Yardstick

Remedies = tuple[str, ...]
#: The order in which remedies of a combination are named and applied: a new activation first, then weights that fit it.
ORDER = ("data", "model", "weights", "optimizer", "loss", "loop")
#: Pair numbers of the confirmation start here: no seed of the screening is used again.
FRESH = 100
#: Kinds of which the best single remedy is combined with the others' when the shortlist is made.
JOINED = 3


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


@dataclass
class Record:
    """What was measured so far; enough for verdicts at any moment."""

    plan: Plan
    yardstick: Yardstick
    readings: dict[Want, Reading] = field(default_factory=dict)
    tried: dict[Remedies, Candidate] = field(default_factory=dict)
    finalists: list[Remedies] = field(default_factory=list)

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


Measurement = Callable[[Sequence[Want]], None]


def search(
    candidates: Sequence[Candidate],
    record: Record,
    measure: Measurement,
    *,
    enough: Callable[[], bool] = lambda: False,
    fits: Callable[[Remedies], bool] = lambda _: True,
    batch: int = 2,
) -> None:
    """Run a whole treatment: `measure` fills `record.readings` with what it is asked for. `enough`: the budget is used up.

    `fits`: a combination can be applied to this program. `batch`: pairs of a confirmation that are run before looking whether to go on.
    """
    plan = record.plan
    record.tried = {c.remedies: c for c in candidates}
    _ask(measure, record, [c.remedies for c in candidates], plan.seed, plan.screen_steps)
    short = shortlist(record, candidates)
    joined = [c for c in combine(record, candidates) if fits(c.remedies)]
    record.tried |= {c.remedies: c for c in joined}
    _ask(measure, record, short + [c.remedies for c in joined], plan.seed + 1, plan.confirm_steps)
    record.finalists = finalists(record, short + [c.remedies for c in joined])
    confirm(record, measure, batch)
    if plan.settle:
        settle(record, measure, enough)


def _ask(measure: Measurement, record: Record, remedies: Sequence[Remedies], seed: int, steps: int) -> None:
    wants = [Want(r, seed, steps) for r in ((), *remedies)]
    if remedies:
        measure([w for w in wants if w not in record.readings])


def shortlist(record: Record, candidates: Sequence[Candidate]) -> list[Remedies]:
    """The better third of what was screened, at least four; none that did worse than the margin or could not be applied."""
    plan = record.plan
    gains = {c.remedies: record.gain(c.remedies, plan.seed, plan.screen_steps) for c in candidates}
    usable = [r for r, g in gains.items() if g is not None and g >= -record.yardstick.margin]
    usable.sort(key=lambda r: record.rank(r, plan.seed, plan.screen_steps))
    return usable[: max(4, math.ceil(len(candidates) / 3))]


def combine(record: Record, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best single remedy of every kind (what it changes), in pairs that are not among the candidates."""
    plan = record.plan
    best: dict[frozenset[str], Candidate] = {}
    singles = [c for c in candidates if len(c.remedies) == 1]
    for candidate in sorted(singles, key=lambda c: record.rank(c.remedies, plan.seed, plan.screen_steps)):
        gain = record.gain(candidate.remedies, plan.seed, plan.screen_steps)
        if gain is not None and gain > record.yardstick.margin:
            best.setdefault(candidate.touches, candidate)
    known = {frozenset(c.remedies) for c in candidates}
    found = []
    for pair in combinations(list(best.values())[:JOINED], 2):
        a, b = sorted(pair, key=lambda c: min(ORDER.index(t) for t in c.touches))
        if frozenset(a.remedies + b.remedies) not in known:
            found.append(Candidate(a.remedies + b.remedies, a.touches | b.touches, a.root_cause or b.root_cause))
    return found


def finalists(record: Record, names: Sequence[Remedies]) -> list[Remedies]:
    """The best on the shortlist that did better than untouched."""
    plan = record.plan
    gains = {r: record.gain(r, plan.seed + 1, plan.confirm_steps) for r in names}
    better = [r for r, g in gains.items() if g is not None and g > 0]
    return sorted(better, key=lambda r: record.rank(r, plan.seed + 1, plan.confirm_steps))[: plan.finalists]


def confirm(record: Record, measure: Measurement, batch: int) -> None:
    """Pairs on fresh seeds until all are there; a finalist that cannot come out as "helps" any more gets no further ones."""
    plan, alive = record.plan, list(record.finalists)
    seeds = fresh_seeds(plan)
    # The first look comes after as many pairs as a verdict needs, so that a dropped finalist still gets one.
    starts = [0, *range(min(MIN_PAIRS, plan.pairs), plan.pairs, batch)]
    for start, end in zip(starts, [*starts[1:], plan.pairs], strict=True):
        part = seeds[start:end]
        if not alive:
            return
        wants = [Want(r, s, plan.confirm_steps) for s in part for r in ((), *alive)]
        measure([w for w in wants if w not in record.readings])
        alive = [r for r in alive if not cannot_win(record, r)]


def cannot_win(record: Record, remedies: Remedies) -> bool:
    """Further pairs of a confirmation would be wasted."""
    plan = record.plan
    gains = [g for s in fresh_seeds(plan) if (g := record.gain(remedies, s, plan.confirm_steps)) is not None]
    seen = [s for s in fresh_seeds(plan) if Want(remedies, s, plan.confirm_steps) in record.readings]
    if len(gains) < len(seen) and len(seen) - len(gains) > plan.pairs - MIN_PAIRS:
        return True  # too many arms without a number
    if any(math.isinf(g) for g in gains):
        return -math.inf in gains and math.inf not in gains
    return hopeless(gains, pairs=plan.pairs, comparisons=len(record.finalists), level=plan.level, margin=record.yardstick.margin)


def fresh_seeds(plan: Plan) -> list[int]:
    """Pair numbers of the confirmation."""
    return [plan.seed + FRESH + i for i in range(plan.pairs)]


def settle(record: Record, measure: Measurement, enough: Callable[[], bool]) -> None:
    """Bring the others to the least number of pairs that a verdict needs; first those that were proposed by a finding."""
    plan = record.plan
    rest = [r for r in record.tried if r not in record.finalists]
    for seed in range(plan.seed, plan.seed + MIN_PAIRS):
        going = [r for r in rest if _worth_settling(record, r)]
        if not going or enough():
            return
        _ask(measure, record, going, seed, plan.screen_steps)


def _worth_settling(record: Record, remedies: Remedies) -> bool:
    plan = record.plan
    seen = [Want(remedies, s, plan.screen_steps) for s in range(plan.seed, plan.seed + MIN_PAIRS)]
    known = [record.readings[w] for w in seen if w in record.readings]
    return all(r.in_force is not False and not r.failure for r in known)


# ---------------------------------------------------------------------------------------------------------- verdicts


def verdicts(record: Record) -> list[Verdict]:
    """One for everything that was tried, also in the middle of a treatment."""
    plan, found = record.plan, []
    for remedies in record.tried:
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
    trial = max((record.trial(remedies, seeds, s) for s in (plan.screen_steps, plan.confirm_steps)), key=lambda t: len(t.seeds))
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
