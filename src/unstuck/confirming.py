"""Pairs on fresh seeds: what a remedy must pass before they are run, after how many of them it is looked, and when it is given up.

The error rate is spent beforehand (`SHARES`, Bonferroni over every look of every confirmation), so stopping at the first settled look is paid
for (one that is given up before its first look has spent its part all the same: it was given up for what its pairs showed). The screening has
no seed in common with a confirmation, so neither the choice of the remedy nor that of the length gets credit for luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from unstuck.course import Trials
from unstuck.judgement import MIN_PAIRS, judge
from unstuck.ledger import Confirmation, Remedies, Want, fresh_seeds
from unstuck.outlook import hopeless, promising
from unstuck.screening import FLAT, MARGINS

#: The looks of the first, second, ... confirmation: pairs, and by how many lengths the arms are longer than at first. In the first, three
#: pairs settle an effect of 7.3 standard deviations, four one of 3.1, five one of 2.2, seven one of 1.7: one more short pair is cheaper than longer arms
#: of all. What is still open goes on longer where the arms are so short that their start costs most: an effect that grows is then cheaper to see
#: than one that many pairs must prove. Arms
#: that are long already get further pairs first (`PAIRS_FIRST`): a control that swings from seed to seed swings in longer arms as well.
#: Which of both it is, the length says that the screening chose, and no confirmation had a part in that. Where training sticks by chance, three
#: lucky pairs come up in 1 of 64 trials: later confirmations need four.
LATER = (*(((4, 0), (5, 1), (10, 1)),) * 2, ((7, 1),))
LOOKS = (((3, 0), (4, 0), (5, 0), (5, 1), (7, 2)), *LATER)
PAIRS_FIRST = (((3, 0), (5, 0), (7, 0), (7, 1), (10, 1)), *LATER)
PAIRS = 10
#: Arms are long from so many times on that which their start costs. Our choice.
LONG = 2.0
#: Numbers of pairs after which one that has become hopeless is dropped; the first one may say already that its screening was luck, and up to
#: the fourth one without any gain does.
GROWING, ALL_GAIN = (1, 2, 3, 4, 5, 7, 10), 4
#: 1 / share of the error rate that a look may spend; the shares add up to no more than 1. Most goes where most is settled. Ten equal signs come up by chance
#: with 2 ** -9, so that even the smallest share can be met (`judgement.py`).
SHARES_LATER = (*((24, 24, 24),) * 2, (24,))
SHARES = ((8, 6, 6, 6, 12), *SHARES_LATER)
SHARES_PAIRS_FIRST = ((4, 6, 8, 8, 24), *SHARES_LATER)
#: A confirmation that is under way may cost so many times what is to be spent; and one that is settled at its next look if its pairs go on as
#: they began. Our choice.
OVERDRAFT, FINISH = 1.5, 3.0

# -------------------------------------------------------------------------------------------- before the first pair


def holds(trials: Trials, remedies: Remedies, horizon: int) -> bool:
    """The first finding proposes it; or it gains on a second seed as well, in arms twice as long. No confirmation uses that seed."""
    if horizon <= trials.refuted.get(remedies, 0):
        return False
    if trials.leads(remedies):
        return True
    longer, seed = trials.longer(horizon), trials.seed + 1
    trials.ask([Want(r, seed, s) for s in (longer, horizon) for r in ((), remedies)])
    gains = [trials.record.gain(remedies, seed, s) for s in {horizon, longer}]
    if any(g is None or g <= trials.margin for g in gains):
        trials.refuted[remedies] = longer
        return False
    return True


def ends_well(trials: Trials, remedies: Remedies) -> bool:
    """Other steps may be ahead at first and behind in the end: what changes nothing else is run to the end before it costs any pairs.

    The first finding's own remedy is believed.
    """
    end = trials.course.horizons[-1]
    if remedies == trials.first or trials.record.tried[remedies].touches != {"optimizer"}:
        return True
    trials.ask([Want(r, trials.seed, end) for r in ((), remedies)])
    gain = trials.gain(remedies, end)
    if gain is None or gain <= 0:
        trials.refuted[remedies] = end
    return gain is not None and gain > 0


# ------------------------------------------------------------------------------------------------------- the pairs


def confirm(trials: Trials, remedies: Remedies, steps: int) -> bool:
    """Pairs on fresh seeds; True = it helps. One that cannot win any more gets no further pairs, but longer ones where there are any."""
    record = trials.record
    slot = len(record.confirmed)
    if slot >= len(LOOKS):
        return False
    plans, spent = (PAIRS_FIRST, SHARES_PAIRS_FIRST) if steps >= LONG * trials.course.start else (LOOKS, SHARES)
    looks, shares = plans[slot], spent[slot]
    record.confirmed[remedies] = Confirmation(steps, 0, shares[0])
    lengths, done = (steps, trials.longer(steps), trials.longer(trials.longer(steps))), (0, 0)
    for (pairs, longer), share in zip(looks, shares, strict=True):
        length = lengths[longer]
        if done == (length, pairs) or undone(trials, remedies):
            continue
        # The longest arms are dear: they are begun pair by pair.
        if not grow(trials, remedies, length, done[1] if longer < len(lengths) - 1 else 0, pairs, share):
            later = lengths[looks[-1][1]] if length < lengths[1] or trials.mean(remedies, length) > trials.margin else length
            if length < later and not trials.course.enough(OVERDRAFT):
                continue
            return False
        done = length, pairs
        record.confirmed[remedies] = Confirmation(length, pairs, share)
        trial = record.trial(remedies, fresh_seeds(record.plan)[:pairs], length)
        if judge(trial, comparisons=share, level=record.plan.level).outcome == "helps":
            record.confirmed[remedies] = Confirmation(length, pairs, share, trials.course.spent())
            return True
    return False


def grow(trials: Trials, remedies: Remedies, steps: int, done: int, pairs: int, share: int) -> bool:
    """Bring a confirmation to so many pairs; False = it cannot come out as "helps" any more, or hardly, or nothing is left to be spent."""
    seeds = fresh_seeds(trials.record.plan)
    for count in sorted({c for c in GROWING if done < c < pairs} | {pairs}):
        trials.ask([Want(r, s, steps) for s in seeds[:count] for r in ((), remedies)])
        if not done:
            trials.record.confirmed[remedies] = Confirmation(steps, min(count, MIN_PAIRS - 1), share)
        if lost(trials, remedies, steps, seeds[:count]):
            return False
        times = FINISH if going_well(trials, remedies, steps, seeds[:count], pairs, share) else OVERDRAFT
        if count < pairs and trials.course.enough(times):
            return False
    return True


def going_well(trials: Trials, remedies: Remedies, steps: int, seeds: Sequence[int], pairs: int, share: int) -> bool:
    """Its next look settles it, if the pairs go on as they began; before there are enough for one, if each of them gains clearly."""
    gains = gains_of(trials, remedies, steps, seeds)
    if len(gains) < MIN_PAIRS:
        return min(gains, default=0.0) > MARGINS * trials.margin
    control, treated = trials.values((), steps, seeds), trials.values(remedies, steps, seeds)
    level, margin = trials.record.plan.level, trials.margin
    return promising(gains, pairs=pairs, comparisons=share, level=level, margin=margin, control=control, treated=treated)


def gains_of(trials: Trials, remedies: Remedies, steps: int, seeds: Sequence[int]) -> list[float]:
    """The known gains of these pairs."""
    return [g for s in seeds if (g := trials.record.gain(remedies, s, steps)) is not None]


def undone(trials: Trials, remedies: Remedies) -> bool:
    """An arm of the confirmation was not a treated one."""
    fresh = fresh_seeds(trials.record.plan)
    readings = [v for w, v in trials.record.readings.items() if w.remedies == remedies and w.seed in fresh]
    return any(r.in_force is False or r.failure for r in readings)


def lost(trials: Trials, remedies: Remedies, steps: int, seeds: Sequence[int]) -> bool:
    """It cannot come out as "helps" any more, or hardly."""
    record, margin = trials.record, trials.margin
    gains = gains_of(trials, remedies, steps, seeds)
    if undone(trials, remedies) or not gains:
        return True
    if any(math.isinf(g) for g in gains):
        return -math.inf in gains
    if len(gains) <= ALL_GAIN and min(gains) <= (margin if len(gains) == 1 else FLAT * margin):
        return not stays_ahead(trials, remedies, steps, seeds)
    if len(gains) == 1:
        return False
    share = SHARES[list(record.confirmed).index(remedies)][-1]
    control, treated = trials.values((), steps, seeds), trials.values(remedies, steps, seeds)
    return hopeless(gains, pairs=PAIRS, comparisons=share, level=record.plan.level, margin=margin, control=control, treated=treated)


def stays_ahead(trials: Trials, remedies: Remedies, steps: int, seeds: Sequence[int]) -> bool:
    """Every treated arm is clearly better than the middle of the untouched ones, the watched run among them: in a pair without a gain it was the
    untouched arm that did well by chance.
    """
    trials.ask([Want((), trials.seed, steps)])
    treated, untouched = trials.values(remedies, steps, seeds), trials.values((), steps, [trials.seed, *seeds])
    return bool(treated) and min(treated) > median(untouched) + MARGINS * trials.margin
