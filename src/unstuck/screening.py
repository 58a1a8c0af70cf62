"""What a screened arm says: one arm against the watched run, on a seed that no confirmation uses.

Which candidates are worth a (longer) arm, whose gain is clear, and the shortest length at which it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from unstuck.course import Trials
from unstuck.ledger import Remedies, Want

#: A gain is clear from this many margins, and this many typical moves of the untouched curve from one value to the next, on. Our choice.
MARGINS, MOVES = 2.0, 3.0
#: A gain or a loss within this share of the margin is none: arms of such a candidate get no longer than the first of so many lengths. Our choice.
FLAT, FLAT_FROM = 0.25, 2
#: After so many candidates half as many moves are enough: a first pair costs less than going on. Our choice.
PATIENT = 6
#: Share of the gain at the end of the screened arm that must be there already where a confirmation ends, and least share of its length: very
#: early values scatter, and ten short pairs cost more than three longer ones. Our choice.
SHOWN, EARLIEST = 0.7, 0.25
#: Shares of its length at which a first arm is looked at. Our choice.
EARLY = (0.25, 0.5)


def screen(trials: Trials, group: Sequence[Remedies], horizon: int) -> bool:
    """One arm each, read at its end and wherever the yardstick showed before; True = there was one."""
    before = [s for s in trials.course.shown if s < horizon]
    if group:
        trials.ask([Want(r, trials.seed, horizon) for r in ((), *group)])
        trials.screened |= dict.fromkeys(group, horizon)
        trials.ask([Want(r, trials.seed, s) for r in ((), *group) for s in before])
    return bool(group)


def early(trials: Trials, group: Sequence[Remedies], horizon: int) -> list[int]:
    """Where a first arm is looked at on its way to a length that is long because the fault shows late: at a quarter, and at half."""
    if not group or any(r in trials.screened for r in group):
        return []
    nearest = {min(trials.course.shown, key=lambda s: abs(s - horizon * part)) for part in EARLY}
    return sorted(s for s in nearest if trials.course.shortest <= s < horizon)


def refused(trials: Trials, remedies: Remedies) -> bool:
    """It could not be applied to this script at all."""
    length = trials.screened.get(remedies)
    reading = trials.record.readings.get(Want(remedies, trials.seed, length)) if length is not None else None
    return reading is not None and reading.value is None and not reading.diverged


def acts(trials: Trials, remedies: Remedies, steps: int) -> bool:
    """Nothing speaks against a longer arm: what changes the model, the loss or the optimizer does so from the first step on, or never."""
    arm, at_once = trials.record.readings.get(Want(remedies, trials.seed, steps)), {"model", "weights", "loss", "optimizer"}
    return arm is None or arm.in_force is not False or not trials.record.tried[remedies].touches <= at_once


def worth(trials: Trials, remedies: Remedies, horizon: int = 0, *, patient: bool = True) -> bool:
    """It could be applied, changed something so far, was not confirmed in vain, and was not screened at this length yet.

    `patient`: the first finding's own remedy may change nothing for longer than others.
    """
    before = trials.screened.get(remedies)
    if remedies in trials.record.confirmed:
        return False
    if before is None:
        return True
    reading = trials.record.readings.get(Want(remedies, trials.seed, before))
    gain = trials.gain(remedies, before)
    # A cure may cost at first what it gains later; what changes nothing for long hardly ever does, but for the first finding's own remedy
    # in a script that trains in stages.
    horizons = trials.course.horizons
    soon = before < horizons[min(FLAT_FROM, len(horizons) - 1)] or (patient and remedies == trials.first)
    changes = gain is not None and (soon or abs(gain) > FLAT * trials.margin)
    return changes and (not horizon or before < horizon) and (reading is None or reading.in_force is not False)


def outdoes(trials: Trials, remedies: Remedies, steps: int) -> bool:
    """In an arm of so many steps it is clearly better than the watched run ever was, to its end."""
    whole = {*trials.course.shown, *trials.course.horizons}
    trials.ask([Want((), trials.seed, s) for s in whole])
    reached = [v for s in whole if (v := trials.value((), trials.seed, s)) is not None]
    arm = trials.record.readings.get(Want(remedies, trials.seed, steps))
    mine = trials.value(remedies, trials.seed, steps)
    if arm is None or mine is None or arm.in_force is False or not reached:
        return False
    return mine > max(reached) + MARGINS * trials.margin


def threshold(trials: Trials, again: bool = False) -> float:
    """What a gain must exceed to be clear; `again`: it already was at the length before, by the same measure.

    Moves for the better only: where a curve falls, that is the fault, and no measure of what comes by chance.
    """
    moves = [b - a for a, b in pairwise(trials.watched()) if b > a]
    wanted = MOVES if len(trials.screened) < PATIENT and not again else MOVES / 2
    margins = (MARGINS / 2 if again else MARGINS) * trials.margin
    return max(margins, wanted * median(moves) if moves else 0.0)


def clear(trials: Trials, remedies: Remedies, horizon: int) -> bool:
    """Its gain is no chance: large beside the moves of the untouched curve, or half as large at this length and the one before; or it is better
    than that curve ever was.

    What the first finding proposes need not wait for more at the end of the run: a curve may move so much because of the fault.
    """
    gain = trials.gain(remedies, horizon) or 0.0
    if horizon == trials.course.horizons[-1] and trials.leads(remedies) and gain > MARGINS * trials.margin:
        return True
    before = max((h for h in trials.course.horizons if h < horizon), default=None)
    earlier = (trials.gain(remedies, before) or 0.0) if before is not None else 0.0
    return gain > threshold(trials) or min(gain, earlier) > threshold(trials, again=True) or outdoes(trials, remedies, horizon)


def shortest(trials: Trials, remedies: Remedies, horizon: int) -> int:
    """The shortest length at which most of the gain was there, and clear; the whole one where nothing shorter shows it."""
    full, limit = trials.gain(remedies, horizon) or 0.0, threshold(trials)
    for steps in (s for s in trials.course.shown if EARLIEST * horizon <= s < horizon):
        gain = trials.gain(remedies, steps)
        # Where the untouched curve moves too much to tell, an arm may still be better than all of it.
        shows = gain is not None and (gain > limit if full > limit else outdoes(trials, remedies, steps))
        if gain is not None and shows and math.isinf(gain):
            return trials.longer(steps)  # other seeds diverge later, and a pair in which both live proves little
        if gain is not None and shows and gain >= SHOWN * full:
            return steps
    return horizon
