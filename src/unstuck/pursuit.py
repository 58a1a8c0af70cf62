"""The short way to a proof: which arms to run next where a treatment is to cost about one full run. Functions of numbers alone.

    screen     groups of candidates in the order of the findings, one arm each, against the watched run (which costs nothing more); first very
               short, then, in turn with the next groups, twice as long, and again: arms rest after their steps, so only what is new costs
               (`screening.py`)
    doubt      the first finding's own remedy shows nothing in short arms: the check-up is asked, and what it says orders the rest
    hold       what no finding, or only a later one, proposes must also gain on a second seed in arms twice as long: a quick start cures nothing
    confirm    the best that shows clearly, in pairs on *fresh* seeds, at the shortest length at which it already showed, and longer where
               that is too short there; the untouched arms serve all confirmations. What a look settles ends the treatment (`confirming.py`)
    compare    while the treatment has cost less than `affordable` allows: is one of the others clearly better? Then it is confirmed too

Under no effect the chance of any "helps" in a whole treatment is at most 1 - level by how the error rate is spent (`confirming.py`); simulated
it is about half of it, and up to 4 % where values have few levels or training sticks by chance, so that three pairs say less than they seem to
(`tests/test_judgement.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from unstuck.confirming import LOOKS, OVERDRAFT, confirm, ends_well, holds
from unstuck.course import Course, Trials
from unstuck.ledger import Candidate, Record, Remedies, Want, fresh_seeds
from unstuck.screening import acts, clear, early, outdoes, refused, screen, shortest, threshold, worth
from unstuck.search import Measurement, combine

#: A remedy that gains less than this share of what there is to gain is a weak one, and a better one is worth so many times the cost; less where
#: it is the first finding's own first one. Our choice.
WEAK, SEARCHED, SEARCHED_OWN = 0.25, 5.0, 2.0
#: A length of arms that is twice as long comes as late as the next group but so many; and the turn from which on the check-up is asked.
BREADTH, DOUBT = 2.0, 4.0

Groups = Sequence[Sequence[Candidate]]


def pursue(record: Record, measure: Measurement, course: Course, groups: Groups) -> None:
    """A whole treatment; `measure` fills `record.readings` with what it is asked for. `groups`: what is screened together, the most promising first."""
    trials = Trials(record, measure, course)
    helped = in_turns(trials, groups, DOUBT)
    if not helped and not over(trials):
        ordered = course.doubt()
        groups = groups if ordered is None else ordered
        helped = in_turns(trials, groups)
    if helped:
        compare(trials, groups)
    else:
        join(trials, groups)
        last_chances(trials)


def over(trials: Trials) -> bool:
    """What may be spent is spent: the cost, or the error rate."""
    return trials.course.enough(1.0) or len(trials.record.confirmed) >= len(LOOKS)


# ------------------------------------------------------------------------------------------------------- screening


def in_turns(trials: Trials, groups: Groups, until: float = math.inf) -> bool:
    """Screen group by group and length by length, and confirm what shows; True = something helps."""
    horizons = trials.course.horizons
    trials.record.tried |= {c.remedies: c for group in groups for c in group}
    names = [[c.remedies for c in g] for g in groups]
    for horizon in horizons if trials.course.sure else ():
        if over(trials):
            return False
        if try_out(trials, [r for r in names[0] if worth(trials, r, horizon, patient=False)], horizon):
            return True
    live, done = list(names), [0] * len(names)
    while not over(trials) and (turn := next_turn(done, len(horizons), until)) is not None:
        horizon = horizons[done[turn]]
        done[turn] += 1
        if try_out(trials, [r for r in live[turn] if worth(trials, r, horizon)], horizon):
            return True
        if all(refused(trials, r) for r in live[turn]):  # what cannot be applied takes no turn from the others
            del live[turn], done[turn]
    return False


def next_turn(done: Sequence[int], lengths: int, until: float = math.inf) -> int | None:
    """Which group comes next, where so many lengths of each are done: (0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0), ... (group, length).

    None = all are done, or the next turn comes later than `until`.
    """
    turns = [(BREADTH * group + 2**length, group) for group, length in enumerate(done) if length < lengths]
    turn, group = min(turns, default=(math.inf, 0))
    return group if turn <= until and turns else None


def try_out(trials: Trials, group: Sequence[Remedies], horizon: int) -> bool:
    """Screen a group at this length, and confirm what shows; True = something helps."""
    for steps in early(trials, group, horizon):
        trials.ask([Want(r, trials.seed, steps) for r in group])
        ahead = [r for r in group if outdoes(trials, r, steps)]
        if ahead and screen(trials, ahead, steps) and confirm_clear(trials, steps):
            return True
        group = [r for r in group if acts(trials, r, steps)]
    return screen(trials, [r for r in group if worth(trials, r, horizon)], horizon) and confirm_clear(trials, horizon)


def confirm_clear(trials: Trials, horizon: int) -> bool:
    """Confirm what shows clearly at this length, the clearest first; True = something helps."""
    found = [r for r, s in trials.screened.items() if s == horizon and worth(trials, r) and clear(trials, r, s)]
    for best in sorted(found, key=lambda r: trials.record.rank(r, trials.seed, horizon)):
        if len(trials.record.confirmed) >= len(LOOKS) or trials.course.enough(OVERDRAFT):
            return False
        ready = holds(trials, best, horizon) and ends_well(trials, best)
        if ready and confirm(trials, best, shortest(trials, best, horizon)):
            return True
    return False


# ------------------------------------------------------------------------------------------- where nothing helps yet


def join(trials: Trials, groups: Groups) -> None:
    """Combinations of the best single remedies that change different things, where no candidate was enough."""
    horizon = max(trials.screened.values(), default=trials.course.horizons[0])
    record = trials.record
    plan, record.plan = record.plan, replace(record.plan, screen_steps=horizon)
    joined = [c for c in combine(record, [c for g in groups for c in g]) if trials.course.fits(c.remedies)]
    record.plan = plan
    if joined and not over(trials):
        record.tried |= {c.remedies: c for c in joined}
        screen(trials, [c.remedies for c in joined], horizon)


def last_chances(trials: Trials) -> None:
    """Nothing was clear: what did best in the longest arms is confirmed all the same, where anything is left to be spent."""
    given_up: set[Remedies] = set()
    screened = trials.screened
    while len(trials.record.confirmed) < len(LOOKS):
        rest = [r for r in screened if r not in given_up and worth(trials, r) and (trials.gain(r, screened[r]) or 0.0) > 0]
        best = max(rest, key=lambda r: (screened[r], trials.gain(r, screened[r])), default=None)
        if best is None or (trials.record.confirmed and trials.course.enough(1.0)):
            return
        if not (holds(trials, best, screened[best]) and ends_well(trials, best)):
            given_up.add(best)
        elif confirm(trials, best, screened[best]):
            return


# ------------------------------------------------------------------------------------------------ where something does


def compare(trials: Trials, groups: Groups) -> None:
    """Something helps: look for something clearly better, as long as that is cheap, and longer where it helps little."""
    best = list(trials.record.confirmed)[-1]
    steps, horizon = trials.record.confirmed[best].steps, trials.screened[best]
    # What the first finding proposes first mostly cures what there is to cure; another remedy that gains little may only cover it.
    searched = SEARCHED_OWN if best == trials.first else SEARCHED
    runs = searched if weak(trials, best, steps) else 1.0
    for group in groups:
        new = [c.remedies for c in group if trials.screened.get(c.remedies, 0) < horizon and worth(trials, c.remedies, horizon)]
        if new and trials.course.affordable(len(new), horizon, runs):
            screen(trials, new, horizon)
    others = [r for r, s in trials.screened.items() if s >= horizon and worth(trials, r)]
    others.sort(key=lambda r: trials.record.rank(r, trials.seed, horizon))
    reached, rival = trials.gain(best, horizon), trials.gain(others[0], horizon) if others else None
    if reached is None or rival is None or not rival > reached + threshold(trials):
        return
    if trials.course.affordable(LOOKS[1][0][0], steps, runs):
        confirm(trials, others[0], steps)


def weak(trials: Trials, remedies: Remedies, steps: int) -> bool:
    """It gains but a small share of what there is to gain: up to 1 where the yardstick ends there, down to 0 otherwise."""
    record = trials.record
    values = trials.values((), steps, fresh_seeds(record.plan))
    if not values:
        return False
    before = math.fsum(values) / len(values)
    room = 1 - before if record.yardstick.higher_is_better and before <= 1 else abs(before)
    return trials.mean(remedies, steps) < WEAK * room
