"""How much is tried: the length and number of the arms, from the untouched run's own curve and cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from unstuck.arms.results import ArmResult
from unstuck.ledger import Plan
from unstuck.measures import LAST_PART, Measure, fall, first_steps
from unstuck.planning import alarms
from unstuck.records import Finding

#: What all trials together may cost, in full runs; and in seconds of one core, where a full run is so short that starting an arm costs
#: most.
SHARE, LEAST_SECONDS = 1.25, 100.0
#: Steps below which no arm is read: a sound change of a stuck network hardly shows sooner. Our choice.
LEAST_STEPS = 100
#: The short way: share of the full run of its shortest arms, in long runs rather a multiple of the root of its steps, and fewest steps; factor
#: between one length and the next; and how much later than a symptom showed its cure is looked for. Our choice.
SHORT, GROWTH, LEAST_SHORT, LONGER, LATER = 1 / 16, 4.0, 24, 2.0, 1.5
#: Fewest training samples that a share of right answers rests on, where trials are judged by it: known to 2.5 % then. Our choice.
SEEN = 400
#: Confidence of a first finding from which on its own remedy is screened through the whole run before anything else. Our choice.
SURE = 0.9
#: The shortest arms are so many times longer where arms cannot rest: every longer one begins from the start.
RESTLESS = 4.0
#: What the short way may cost while nothing is proven, in full runs, and of a script with a finding whose full run takes less than so many
#: seconds of one core; and up to where, once something is, a better one is looked for.
PERSIST, PERSIST_SHORT, SHORT_RUN_S, COMPARE = 4.0, 8.0, 60.0, 1.0
#: Share of the full run that an arm of the confirmation covers at most.
LONGEST = 0.5
#: Seconds that a step of an arm costs more than one of the full run (split random streams, added layers); 0.7 to 1.7 ms on the demo.
EXTRA_S = 0.001
#: A remedy may make a step dearer still, and two arms share the memory: an arm may take this many times what it should.
PATIENCE, LEAST_PATIENCE_S = 6.0, 60.0


@dataclass(frozen=True)
class Width:
    """How broad a treatment is; the narrower ones are for programs whose shortest sensible arm is dear."""

    candidates: int
    finalists: int
    pairs: int
    settle: bool

    def cost(self, screen: float, confirm: float) -> float:
        """Expected cost of all arms, where no finalist is dropped early, in the unit in which the cost of one arm of each kind is given."""
        short = max(4, math.ceil(self.candidates / 3)) + 2
        screened = self.candidates + (2 * (self.candidates - self.finalists) if self.settle else 0)
        return screened * screen + (2 + short + self.pairs * (1 + self.finalists)) * confirm


def widths(candidates: int, pairs: int) -> list[Width]:
    """From broad to narrow. Six pairs are the fewest that the exact test of `judgement.py` can decide by."""
    few = min(pairs, 6)
    return [
        Width(candidates, 3, pairs, True),
        Width(candidates, 3, pairs, False),
        Width(candidates, 2, pairs, False),
        Width(min(candidates, 8), 2, few, False),
        Width(min(candidates, 6), 1, few, False),
    ]


@dataclass(frozen=True)
class Budget:
    """A plan, with what it will cost."""

    plan: Plan
    candidates: int
    #: In full runs, by steps.
    expected: float
    #: Wall-clock seconds.
    arm_limit_s: float


def make_plan(
    control: ArmResult, measure: Measure, candidates: int, *, pairs: int | None = None, steps: int | None = None, seed: int = 0
) -> Budget:
    """Length and number of the arms: as long as the budget allows, never so short that the yardstick does not show.

    Of the widths from broad to narrow the first is taken whose shortest arms fit into the budget; then its arms are made as long as fits. All
    of it by steps, so that a busy machine changes nothing of what is tried.
    """
    most = allowed(control)
    shown = first_steps(control, measure)
    total = max(control.steps + 1, 2)
    least = min(total, max(steps or LEAST_STEPS, shown[0] if shown else 0))
    options = widths(candidates, pairs or 8)

    def one(length: int) -> float:
        return in_runs(control, min(length, control.steps), 1)

    width = next((w for w in options if w.cost(*2 * (one(least),)) <= most), options[-1])
    confirm = least if steps is not None else at_validation(least, shown, total)
    for share in (LONGEST * 0.9**i for i in range(40)) if steps is None else ():
        longer = at_validation(max(least, round(share * total)), shown, total)
        if width.cost(one(screen_steps(longer, least, shown, total)), one(longer)) <= most:
            confirm = longer
            break
    screen = confirm if steps is not None else screen_steps(confirm, least, shown, total)
    plan = Plan(screen_steps=screen, confirm_steps=confirm, pairs=width.pairs, finalists=width.finalists, settle=width.settle, seed=seed)
    limit = max(LEAST_PATIENCE_S, PATIENCE * arm_seconds(control, confirm))
    return Budget(plan, width.candidates, width.cost(one(screen), one(confirm)), float(math.ceil(limit)))


def allowed(control: ArmResult) -> float:
    """What all trials together may cost, in full runs. How long one takes is known to a factor of four: as a busy machine may change it."""
    rough = 4.0 ** round(math.log(max(control.seconds, 1e-3), 4))
    return max(SHARE, LEAST_SECONDS / rough)


def lengths(
    control: ArmResult, measure: Measure, findings: Sequence[Finding], *, rests: bool = True, batch: int = 0
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For the short way (`pursuit.py`): lengths of screened arms, and numbers of steps at which the yardstick shows, both ascending.

    `rests`: a longer arm goes on where a shorter one of its kind stopped. `batch`: samples of one, where known.

    The shortest arm is long enough for the yardstick, for a change to show, for the symptom of the first finding to have shown, and, where the
    untouched run ends worse than it once was, for that fall: before it nothing is wrong that a cure could mend. Where
    nothing was found, no arm is shorter than half of the run: what only starts faster cures nothing.
    """
    total = max(control.steps + 1, 2)
    shown = [s for s in first_steps(control, measure) if s <= total]
    found = alarms(findings)
    symptom = found[0].first_step if found else 0
    if not found:
        half = [s for s in shown or (total // 2, total) if s >= total // 2] or [total]
        return tuple(sorted({half[0], half[-1]})), tuple(half)
    short = min(SHORT * total, GROWTH * math.sqrt(total)) * (1.0 if rests else RESTLESS)
    # A script of few steps makes large ones: a quarter of them says what there is to be said.
    least = min(total, max(min(LEAST_SHORT, math.ceil(total / 4)), round(short), round(LATER * symptom), fall(control, measure)))
    if measure.noisy and batch and not measure.is_loss:
        least = min(total, max(least, math.ceil(SEEN / (LAST_PART * batch))))
    rungs = 1 + math.ceil(math.log(total / least, LONGER))
    wanted = [min(total, round(least * LONGER**i)) for i in range(rungs)]
    rows = {min(shown, key=lambda s: abs(math.log(s / w))) if shown else w for w in wanted}
    if not shown:
        shown = sorted({max(1, h * part // 4) for h in rows for part in (1, 2, 3, 4)})
    return tuple(sorted(rows)), tuple(shown)


def start_share(control: ArmResult) -> float:
    """What comes before the first step, as a share of a full run: a power of two, so that a busy machine does not change what is tried."""
    share = control.startup_s / max(control.seconds, 1e-9)
    return min(1.0, max(1 / 1024, 2.0 ** round(math.log2(max(share, 1e-9)))))


def in_runs(control: ArmResult, steps: int, starts: int) -> float:
    """What arms with so many steps altogether cost, in full runs: by steps, not by a clock."""
    return steps / max(control.steps, 1) + starts * start_share(control)


def screen_steps(confirm: int, least: int, shown: Sequence[int], total: int) -> int:
    """Half as long as a confirmation, where that shows anything."""
    return min(confirm, at_validation(max(least, confirm // 2), shown, total))


def at_validation(steps: int, shown: Sequence[int], total: int) -> int:
    """The next number of steps at or below `steps` behind which a validation was just seen; the first one where there is none below."""
    if not shown:
        return min(steps, total)
    return max((s for s in shown if s <= steps), default=shown[0])


def arm_seconds(control: ArmResult, steps: int) -> float:
    """What an arm of so many steps costs: the start, and its share of the rest."""
    steps = min(steps, max(control.steps, 1))
    return control.startup_s + (control.seconds - control.startup_s) * steps / max(control.steps, 1) + EXTRA_S * steps
