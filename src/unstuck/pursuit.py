"""The short way to a proof: which arms to run next where a treatment is to cost about one full run. Functions of numbers alone.

    screen     groups of candidates in the order of the findings, one arm each, against the watched run (which costs nothing more); first very
               short, then, in turn with the next groups, twice as long, and again: arms rest after their steps, so only what is new costs
    doubt      the first finding's own remedy shows nothing in short arms: the check-up is asked, and what it says orders the rest
    hold       what no finding, or only a later one, proposes must also gain on a second seed in arms twice as long: a quick start cures nothing
    confirm    the best that shows clearly, in pairs on *fresh* seeds, at the shortest length at which it already showed, and longer where
               that is too short there; the untouched arms serve all confirmations. What a look settles ends the treatment
    compare    while the treatment has cost less than `affordable` allows: is one of the others clearly better? Then it is confirmed too

The error rate is spent beforehand (`SHARES`, Bonferroni over every look of every confirmation), so stopping at the first settled look is paid
for (one that is given up before its first look has spent its part all the same: it was given up for what its pairs showed). The screening has
no seed in common with a confirmation, so neither the choice of the remedy nor that of the length gets credit for luck. Under no effect the
chance of any "helps" in a whole treatment is at most 1 - level by that; simulated it is about half of it, and up to 4 % where values have few
levels or training sticks by chance, so that three pairs say less than they seem to (`tests/test_judgement.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from unstuck.judgement import MIN_PAIRS, hopeless, judge, promising
from unstuck.ledger import Candidate, Confirmation, Record, Remedies, Want, fresh_seeds
from unstuck.search import Measurement, combine

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
#: A gain is clear from this many margins, and this many typical moves of the untouched curve from one value to the next, on. Our choice.
MARGINS, MOVES = 2.0, 3.0
#: A gain or a loss within this share of the margin is none: arms of such a candidate get no longer than the first of so many lengths. Our choice.
FLAT, FLAT_FROM = 0.25, 2
#: After so many candidates half as many moves are enough: a first pair costs less than going on. Our choice.
PATIENT = 6
#: Share of the gain at the end of the screened arm that must be there already where a confirmation ends, and least share of its length: very
#: early values scatter, and ten short pairs cost more than three longer ones. Our choice.
SHOWN, EARLIEST = 0.7, 0.25
#: A confirmation that is under way may cost so many times what is to be spent; and one that is settled at its next look if its pairs go on as
#: they began. Our choice.
OVERDRAFT, FINISH = 1.5, 2.0
#: A remedy that gains less than this share of what there is to gain is a weak one, and a better one is worth so many times the cost; less where
#: it is the first finding's own first one. Our choice.
WEAK, SEARCHED, SEARCHED_OWN = 0.25, 5.0, 2.0
#: Shares of its length at which a first arm is looked at. Our choice.
EARLY = (0.25, 0.5)
#: A length of arms that is twice as long comes as late as the next group but so many; and the turn from which on the check-up is asked.
BREADTH, DOUBT = 2.0, 4.0


@dataclass(frozen=True)
class Course:
    """How far a pursuit goes; fixed before the first arm."""

    #: Lengths of the screened arms, ascending.
    horizons: tuple[int, ...]
    #: Numbers of steps at which the yardstick shows, ascending.
    shown: tuple[int, ...]
    #: Fewest steps after which an arm says anything.
    shortest: int = 1
    #: Nothing is proven yet, and so many times what may be spent on that is spent.
    enough: Callable[[float], bool] = lambda _times: False
    #: So many further arms of so many steps are affordable once something is proven, where so many times the usual may be spent on that.
    affordable: Callable[[int, int, float], bool] = lambda _arms, _steps, _times: False
    #: A combination can be applied to this program.
    fits: Callable[[Remedies], bool] = lambda _: True
    #: The first finding is as good as certain: its own remedy is screened through the whole run before anything else.
    sure: bool = False
    #: What the start of an arm costs, in steps.
    start: float = 0.0
    #: The check-up: what is to be tried, ordered anew; None = as it was.
    doubt: Callable[[], Sequence[Sequence[Candidate]] | None] = lambda: None


@dataclass
class Pursuit:
    """One treatment; `measure` fills `record.readings` with what it is asked for."""

    record: Record
    measure: Measurement
    course: Course
    #: Longest screened arm of each candidate.
    screened: dict[Remedies, int] = field(default_factory=dict)
    #: Length up to which a second seed spoke against a candidate.
    refuted: dict[Remedies, int] = field(default_factory=dict)

    def run(self, groups: Sequence[Sequence[Candidate]]) -> None:
        """The whole of it. `groups`: what is screened together, the most promising first."""
        helped = self.search(groups, DOUBT)
        if not helped and not self.over():
            ordered = self.course.doubt()
            groups = groups if ordered is None else ordered
            helped = self.search(groups)
        if helped:
            return self.compare(groups)
        self.join(groups)
        return self.last_chances()

    def search(self, groups: Sequence[Sequence[Candidate]], until: float = math.inf) -> bool:
        """Screen in turns, and confirm what shows; True = something helps."""
        self.record.tried |= {c.remedies: c for group in groups for c in group}
        names = [[c.remedies for c in g] for g in groups]
        for horizon in self.course.horizons if self.course.sure else ():
            if self.over():
                return False
            if self.try_out([r for r in names[0] if self.worth(r, horizon, patient=False)], horizon):
                return True
        live, done = list(names), [0] * len(names)
        while not self.over() and (turn := next_turn(done, len(self.course.horizons), until)) is not None:
            horizon = self.course.horizons[done[turn]]
            done[turn] += 1
            if self.try_out([r for r in live[turn] if self.worth(r, horizon)], horizon):
                return True
            if all(self.refused(r) for r in live[turn]):  # what cannot be applied takes no turn from the others
                del live[turn], done[turn]
        return False

    def refused(self, remedies: Remedies) -> bool:
        """It could not be applied to this script at all."""
        length = self.screened.get(remedies)
        reading = self.record.readings.get(Want(remedies, self.record.plan.seed, length)) if length is not None else None
        return reading is not None and reading.value is None and not reading.diverged

    def try_out(self, group: Sequence[Remedies], horizon: int) -> bool:
        """Screen a group at this length, and confirm what shows; True = something helps."""
        for early in self.early(group, horizon):
            self.ask([Want(r, self.record.plan.seed, early) for r in group])
            ahead = [r for r in group if self.outdoes(r, early)]
            if ahead and self.screen(ahead, early) and self.pursue(early):
                return True
            group = [r for r in group if self.acts(r, early)]
        return self.screen([r for r in group if self.worth(r, horizon)], horizon) and self.pursue(horizon)

    def over(self) -> bool:
        """What may be spent is spent: the cost, or the error rate."""
        return self.course.enough(1.0) or len(self.record.confirmed) >= len(LOOKS)

    # ---------------------------------------------------------------------------------------------------- screening

    def early(self, group: Sequence[Remedies], horizon: int) -> list[int]:
        """Where a first arm is looked at on its way to a length that is long because the fault shows late: at a quarter, and at half."""
        if not group or any(r in self.screened for r in group):
            return []
        nearest = {min(self.course.shown, key=lambda s: abs(s - horizon * part)) for part in EARLY}
        return sorted(s for s in nearest if self.course.shortest <= s < horizon)

    def outdoes(self, remedies: Remedies, steps: int) -> bool:
        """In an arm of so many steps it is clearly better than the watched run ever was, to its end."""
        record, seed = self.record, self.record.plan.seed
        sign = 1 if record.yardstick.higher_is_better else -1
        arm = record.readings.get(Want(remedies, seed, steps))
        whole = {*self.course.shown, *self.course.horizons}
        self.ask([Want((), seed, s) for s in whole])
        reached = [sign * v for s in whole if (v := record.readings[Want((), seed, s)].value) is not None]
        if arm is None or arm.value is None or arm.in_force is False or not reached:
            return False
        return sign * arm.value > max(reached) + MARGINS * record.yardstick.margin

    def acts(self, remedies: Remedies, steps: int) -> bool:
        """Nothing speaks against a longer arm: what changes the model, the loss or the optimizer does so from the first step on, or never."""
        arm, at_once = self.record.readings.get(Want(remedies, self.record.plan.seed, steps)), {"model", "weights", "loss", "optimizer"}
        return arm is None or arm.in_force is not False or not self.record.tried[remedies].touches <= at_once

    def worth(self, remedies: Remedies, horizon: int = 0, *, patient: bool = True) -> bool:
        """It could be applied, changed something so far, was not confirmed in vain, and was not screened at this length yet.

        `patient`: the first finding's own remedy may change nothing for longer than others.
        """
        before = self.screened.get(remedies)
        if remedies in self.record.confirmed:
            return False
        if before is None:
            return True
        reading = self.record.readings.get(Want(remedies, self.record.plan.seed, before))
        gain = self.gain(remedies, before)
        # A cure may cost at first what it gains later; what changes nothing for long hardly ever does, but for the first finding's own remedy
        # in a script that trains in stages.
        early = before < self.course.horizons[min(FLAT_FROM, len(self.course.horizons) - 1)]
        early = early or (patient and remedies == next(iter(self.record.tried)))
        changes = gain is not None and (early or abs(gain) > FLAT * self.record.yardstick.margin)
        return changes and (not horizon or before < horizon) and (reading is None or reading.in_force is not False)

    def screen(self, group: Sequence[Remedies], horizon: int) -> bool:
        """One arm each, read at its end and wherever the yardstick showed before; True = there was one."""
        seed = self.record.plan.seed
        before = [s for s in self.course.shown if s < horizon]
        if group:
            self.ask([Want(r, seed, horizon) for r in ((), *group)])
            self.screened |= dict.fromkeys(group, horizon)
            self.ask([Want(r, seed, s) for r in ((), *group) for s in before])
        return bool(group)

    def ask(self, wants: Sequence[Want]) -> None:
        """Only what is not known."""
        missing = [w for w in wants if w not in self.record.readings]
        if missing:
            self.measure(missing)

    def gain(self, remedies: Remedies, steps: int) -> float | None:
        """Of the screened arm over the watched run."""
        return self.record.gain(remedies, self.record.plan.seed, steps)

    def threshold(self, again: bool = False) -> float:
        """What a gain must exceed to be clear; `again`: it already was at the length before, by the same measure.

        Moves for the better only: where a curve falls, that is the fault, and no measure of what comes by chance.
        """
        seed = self.record.plan.seed
        self.ask([Want((), seed, s) for s in self.course.shown])
        curve = [self.record.readings.get(Want((), seed, s)) for s in self.course.shown]
        values = [r.value for r in curve if r is not None and r.value is not None]
        sign = 1 if self.record.yardstick.higher_is_better else -1
        moves = [m for a, b in pairwise(values) if (m := sign * (b - a)) > 0]
        wanted = MOVES if len(self.screened) < PATIENT and not again else MOVES / 2
        margins = (MARGINS / 2 if again else MARGINS) * self.record.yardstick.margin
        return max(margins, wanted * median(moves) if moves else 0.0)

    def join(self, groups: Sequence[Sequence[Candidate]]) -> None:
        """Combinations of the best single remedies that change different things, where no candidate was enough."""
        horizon = max(self.screened.values(), default=self.course.horizons[0])
        record = self.record
        plan, record.plan = record.plan, replace(record.plan, screen_steps=horizon)
        joined = [c for c in combine(record, [c for g in groups for c in g]) if self.course.fits(c.remedies)]
        record.plan = plan
        if joined and not self.over():
            record.tried |= {c.remedies: c for c in joined}
            self.screen([c.remedies for c in joined], horizon)

    # --------------------------------------------------------------------------------------------------- confirming

    def pursue(self, horizon: int) -> bool:
        """Confirm what shows clearly at this length, the clearest first; True = something helps."""
        clear = [r for r, s in self.screened.items() if s == horizon and self.worth(r) and self.clear(r, s)]
        for best in sorted(clear, key=lambda r: self.record.rank(r, self.record.plan.seed, horizon)):
            if len(self.record.confirmed) >= len(LOOKS) or self.course.enough(OVERDRAFT):
                return False
            if self.holds(best, horizon) and self.ends_well(best) and self.confirm(best, self.length(best, horizon)):
                return True
        return False

    def clear(self, remedies: Remedies, horizon: int) -> bool:
        """Its gain is no chance: large beside the moves of the untouched curve, or half as large at this length and the one before; or it is better
        than that curve ever was.

        What the first finding proposes need not wait for more at the end of the run: a curve may move so much because of the fault.
        """
        gain = self.gain(remedies, horizon) or 0.0
        if horizon == self.course.horizons[-1] and self.leads(remedies) and gain > MARGINS * self.record.yardstick.margin:
            return True
        before = max((h for h in self.course.horizons if h < horizon), default=None)
        earlier = (self.gain(remedies, before) or 0.0) if before is not None else 0.0
        return gain > self.threshold() or min(gain, earlier) > self.threshold(again=True) or self.outdoes(remedies, horizon)

    def ends_well(self, remedies: Remedies) -> bool:
        """Other steps may be ahead at first and behind in the end: what changes nothing else is run to the end before it costs any pairs.

        The first finding's own remedy is believed.
        """
        tried, end = self.record.tried, self.course.horizons[-1]
        if remedies == next(iter(tried)) or tried[remedies].touches != {"optimizer"}:
            return True
        self.ask([Want(r, self.record.plan.seed, end) for r in ((), remedies)])
        gain = self.gain(remedies, end)
        if gain is None or gain <= 0:
            self.refuted[remedies] = end
        return gain is not None and gain > 0

    def leads(self, remedies: Remedies) -> bool:
        """The first finding proposes it."""
        tried = self.record.tried
        return bool(tried[remedies].root_cause) and tried[remedies].root_cause == next(iter(tried.values())).root_cause

    def holds(self, remedies: Remedies, horizon: int) -> bool:
        """The first finding proposes it; or it gains on a second seed as well, in arms twice as long. No confirmation uses that seed."""
        if horizon <= self.refuted.get(remedies, 0):
            return False
        if self.leads(remedies):
            return True
        longer, seed = self.longer(horizon), self.record.plan.seed + 1
        self.ask([Want(r, seed, s) for s in (longer, horizon) for r in ((), remedies)])
        gains = [self.record.gain(remedies, seed, s) for s in {horizon, longer}]
        if any(g is None or g <= self.record.yardstick.margin for g in gains):
            self.refuted[remedies] = longer
            return False
        return True

    def length(self, remedies: Remedies, horizon: int) -> int:
        """The shortest length at which most of the gain was there, and clear; the whole one where nothing shorter shows it."""
        full, limit = self.gain(remedies, horizon) or 0.0, self.threshold()
        for steps in (s for s in self.course.shown if EARLIEST * horizon <= s < horizon):
            gain = self.gain(remedies, steps)
            # Where the untouched curve moves too much to tell, an arm may still be better than all of it.
            shows = gain is not None and (gain > limit if full > limit else self.outdoes(remedies, steps))
            if gain is not None and shows and math.isinf(gain):
                return self.longer(steps)  # other seeds diverge later, and a pair in which both live proves little
            if gain is not None and shows and gain >= SHOWN * full:
                return steps
        return horizon

    def confirm(self, remedies: Remedies, steps: int) -> bool:
        """Pairs on fresh seeds; True = it helps. One that cannot win any more gets no further pairs, but longer ones where there are any."""
        record = self.record
        slot = len(record.confirmed)
        if slot >= len(LOOKS):
            return False
        plans, spent = (PAIRS_FIRST, SHARES_PAIRS_FIRST) if steps >= LONG * self.course.start else (LOOKS, SHARES)
        looks, shares = plans[slot], spent[slot]
        record.confirmed[remedies] = Confirmation(steps, 0, shares[0])
        lengths, done = (steps, self.longer(steps), self.longer(self.longer(steps))), (0, 0)
        for (pairs, longer), share in zip(looks, shares, strict=True):
            length = lengths[longer]
            if done == (length, pairs) or self.undone(remedies):
                continue
            # The longest arms are dear: they are begun pair by pair.
            if not self.grow(remedies, length, done[1] if longer < len(lengths) - 1 else 0, pairs, share):
                later = lengths[looks[-1][1]] if length < lengths[1] or self.mean(remedies, length) > record.yardstick.margin else length
                if length < later and not self.course.enough(OVERDRAFT):
                    continue
                return False
            done = length, pairs
            record.confirmed[remedies] = Confirmation(length, pairs, share)
            if (
                judge(record.trial(remedies, fresh_seeds(record.plan)[:pairs], length), comparisons=share, level=record.plan.level).outcome
                == "helps"
            ):
                return True
        return False

    def mean(self, remedies: Remedies, steps: int) -> float:
        """Of the gains in the pairs that a confirmation has so far."""
        gains = [g for s in fresh_seeds(self.record.plan) if (g := self.record.gain(remedies, s, steps)) is not None]
        return math.fsum(gains) / len(gains) if gains else 0.0

    def longer(self, steps: int) -> int:
        """The next length of arms that is about twice as long; the same where there is none."""
        return next((h for h in self.course.horizons if h >= 1.5 * steps), max(steps, self.course.horizons[-1]))

    def grow(self, remedies: Remedies, steps: int, done: int, pairs: int, share: int) -> bool:
        """Bring a confirmation to so many pairs; False = it cannot come out as "helps" any more, or hardly, or nothing is left to be spent."""
        record, seeds = self.record, fresh_seeds(self.record.plan)
        for count in sorted({c for c in GROWING if done < c < pairs} | {pairs}):
            self.ask([Want(r, s, steps) for s in seeds[:count] for r in ((), remedies)])
            if not done:
                record.confirmed[remedies] = Confirmation(steps, min(count, MIN_PAIRS - 1), share)
            if self.lost(remedies, steps, seeds[:count]):
                return False
            going_well = self.going_well(remedies, steps, seeds[:count], pairs, share)
            if count < pairs and self.course.enough(FINISH if going_well else OVERDRAFT):
                return False
        return True

    def going_well(self, remedies: Remedies, steps: int, seeds: Sequence[int], pairs: int, share: int) -> bool:
        """Its next look settles it, if the pairs go on as they began; before there are enough for one, if each of them gains clearly."""
        gains = [g for s in seeds if (g := self.record.gain(remedies, s, steps)) is not None]
        if len(gains) < MIN_PAIRS:
            return min(gains, default=0.0) > MARGINS * self.record.yardstick.margin
        return promising(gains, pairs=pairs, comparisons=share, level=self.record.plan.level, margin=self.record.yardstick.margin)

    def undone(self, remedies: Remedies) -> bool:
        """An arm of the confirmation was not a treated one."""
        readings = [v for w, v in self.record.readings.items() if w.remedies == remedies and w.seed in fresh_seeds(self.record.plan)]
        return any(r.in_force is False or r.failure for r in readings)

    def lost(self, remedies: Remedies, steps: int, seeds: Sequence[int]) -> bool:
        """It cannot come out as "helps" any more, or hardly."""
        record, margin = self.record, self.record.yardstick.margin
        gains = [g for s in seeds if (g := record.gain(remedies, s, steps)) is not None]
        if self.undone(remedies) or not gains:
            return True
        if any(math.isinf(g) for g in gains):
            return -math.inf in gains
        if len(gains) <= ALL_GAIN and min(gains) <= (margin if len(gains) == 1 else FLAT * margin):
            return not self.stays_ahead(remedies, steps, seeds)
        if len(gains) == 1:
            return False
        share = SHARES[list(record.confirmed).index(remedies)][-1]
        control, treated = self.values((), steps, seeds), self.values(remedies, steps, seeds)
        return hopeless(gains, pairs=PAIRS, comparisons=share, level=record.plan.level, margin=margin, control=control, treated=treated)

    def stays_ahead(self, remedies: Remedies, steps: int, seeds: Sequence[int]) -> bool:
        """Every treated arm is clearly better than the middle of the untouched ones, the watched run among them: in a pair without a gain it was the
        untouched arm that did well by chance.
        """
        self.ask([Want((), self.record.plan.seed, steps)])
        treated, untouched = self.values(remedies, steps, seeds), self.values((), steps, [self.record.plan.seed, *seeds])
        return bool(treated) and min(treated) > median(untouched) + MARGINS * self.record.yardstick.margin

    def values(self, remedies: Remedies, steps: int, seeds: Sequence[int]) -> list[float]:
        """What these arms gave, larger = better."""
        sign = 1 if self.record.yardstick.higher_is_better else -1
        found = [self.record.readings.get(Want(remedies, seed, steps)) for seed in seeds]
        return [sign * r.value for r in found if r is not None and r.value is not None]

    def compare(self, groups: Sequence[Sequence[Candidate]]) -> None:
        """Something helps: look for something clearly better, as long as that is cheap, and longer where it helps little."""
        best = list(self.record.confirmed)[-1]
        steps, horizon = self.record.confirmed[best].steps, self.screened[best]
        # What the first finding proposes first mostly cures what there is to cure; another remedy that gains little may only cover it.
        searched = SEARCHED_OWN if best == next(iter(self.record.tried)) else SEARCHED
        runs = searched if self.weak(best, steps) else 1.0
        for group in groups:
            new = [c.remedies for c in group if self.screened.get(c.remedies, 0) < horizon and self.worth(c.remedies, horizon)]
            if new and self.course.affordable(len(new), horizon, runs):
                self.screen(new, horizon)
        others = [r for r, s in self.screened.items() if s >= horizon and self.worth(r)]
        others.sort(key=lambda r: self.record.rank(r, self.record.plan.seed, horizon))
        reached, rival = self.gain(best, horizon), self.gain(others[0], horizon) if others else None
        if reached is None or rival is None or not rival > reached + self.threshold():
            return
        if self.course.affordable(LOOKS[1][0][0], steps, runs):
            self.confirm(others[0], steps)

    def weak(self, remedies: Remedies, steps: int) -> bool:
        """It gains but a small share of what there is to gain: up to 1 where the yardstick ends there, down to 0 otherwise."""
        record, seeds = self.record, fresh_seeds(self.record.plan)
        values = [r.value for s in seeds if (r := record.readings.get(Want((), s, steps))) is not None and r.value is not None]
        if not values:
            return False
        before = math.fsum(values) / len(values)
        room = 1 - before if record.yardstick.higher_is_better and before <= 1 else abs(before)
        return self.mean(remedies, steps) < WEAK * room

    def last_chances(self) -> None:
        """Nothing was clear: what did best in the longest arms is confirmed all the same, where anything is left to be spent."""
        given_up: set[Remedies] = set()
        while len(self.record.confirmed) < len(LOOKS):
            rest = [r for r in self.screened if r not in given_up and self.worth(r) and (self.gain(r, self.screened[r]) or 0.0) > 0]
            best = max(rest, key=lambda r: (self.screened[r], self.gain(r, self.screened[r])), default=None)
            if best is None or (self.record.confirmed and self.course.enough(1.0)):
                return
            if not (self.holds(best, self.screened[best]) and self.ends_well(best)):
                given_up.add(best)
            elif self.confirm(best, self.screened[best]):
                return


def next_turn(done: Sequence[int], lengths: int, until: float = math.inf) -> int | None:
    """Which group comes next, where so many lengths of each are done: (0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0), ... (group, length).

    None = all are done, or the next turn comes later than `until`.
    """
    turns = [(BREADTH * group + 2**length, group) for group, length in enumerate(done) if length < lengths]
    turn, group = min(turns, default=(math.inf, 0))
    return group if turn <= until and turns else None
