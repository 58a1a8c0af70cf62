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
from collections.abc import Callable, Sequence
from itertools import combinations

from unstuck.judgement import MIN_PAIRS
from unstuck.ledger import ORDER, Candidate, Record, Remedies, Want, fresh_seeds
from unstuck.outlook import hopeless

#: Kinds of which the best single remedy is combined with the others' when the shortlist is made.
JOINED = 3

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
