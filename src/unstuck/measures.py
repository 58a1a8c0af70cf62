"""One arm's value of the yardstick after so many steps, and what its curve says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from unstuck.arms.results import ArmResult
from unstuck.records import Yardstick

#: Measured on single batches, hence noisy: the mean of the last part of the steps counts.
NOISY = ("batch.", "training.", "loss.value")
LAST_PART = 0.2
#: An R2 below this counts as this: so far below a constant answer nothing is better or worse, and one exploding arm would drown all pairs.
LEAST_R2 = -1.0
#: Parts of a curve in which a fall is looked for, and how many margins and typical moves from part to part it must be worth. Our choice.
PARTS, FALLEN_MARGINS, FALLEN_MOVES = 20, 2.0, 3.0


@dataclass(frozen=True)
class Measure:
    """A yardstick, and the series of an arm in which it is found."""

    series: str
    yardstick: Yardstick
    #: In the untouched run it is another one from validation to validation: the mean of the later half of them counts, which swings less.
    swings: bool = False

    @property
    def noisy(self) -> bool:
        """Single batches."""
        return self.series.startswith(NOISY)

    @property
    def is_loss(self) -> bool:
        """A remedy that changes the loss would change the yardstick."""
        return self.series == "loss.value" or self.series.endswith(".loss")


def value_at(result: ArmResult, measure: Measure, steps: int) -> float | None:
    """What the arm had reached when it had made `steps` steps; None where it gave no finite number.

    An arm that stops after `steps` steps has not yet seen a validation behind the last one: it becomes visible when the next step begins.
    So a longer arm is read as if it had stopped there.
    """
    known = seen(result, measure, steps)
    if not known:
        return None
    if measure.swings and known[-1][1] is not None:
        return fmean(v for _, v in known[len(known) // 2 :] if v is not None)
    if not measure.noisy:
        return known[-1][1]
    recent = [v for s, v in known if s >= (1 - LAST_PART) * known[-1][0]]
    return None if any(v is None for v in recent) else math.fsum(v for v in recent if v is not None) / len(recent)


def seen(result: ArmResult, measure: Measure, steps: int) -> list[tuple[int, float | None]]:
    """Steps and values of the yardstick that count in an arm of `steps` steps; a longer one is cut where that arm would have stopped."""
    series = result.series.get(measure.series)
    if series is None:
        return []
    last = steps - 2 if result.steps >= steps and not measure.noisy else steps - 1
    if result.exit == "finished" and result.steps <= steps:
        last = steps
    least = LEAST_R2 if measure.series.endswith(".r2") else -math.inf
    pairs = zip(series.steps, series.values, strict=True)
    return [(s, v if v is None else max(v, least)) for s, v in pairs if s <= last]


def diverged(result: ArmResult, measure: Measure, steps: int) -> bool:
    """The arm gave no number because its training left the finite numbers."""
    watched = [result.series.get(name) for name in (measure.series, "loss.value")]
    return any(s is not None and any(v is None for t, v in zip(s.steps, s.values, strict=True) if t <= steps) for s in watched)


def first_steps(control: ArmResult, measure: Measure) -> Sequence[int]:
    """Numbers of steps after which an arm has seen the yardstick once, twice, ...; empty where every step shows it."""
    if measure.noisy:
        return ()
    return sorted({s + 2 for s in control.series[measure.series].steps})


def fall(control: ArmResult, measure: Measure) -> int:
    """Step at which the untouched run had lost half of what it loses between its best and its last quarter; 0 where it loses nothing clear.

    Read off the medians of three neighbouring parts of the curve: one lucky value is no best.
    """
    known = [(s, v) for s, v in seen(control, measure, control.steps + 1) if v is not None and math.isfinite(v)]
    size = max(1, math.ceil(len(known) / PARTS))
    parts = [known[i : i + size] for i in range(0, len(known), size)]
    sign = 1.0 if measure.yardstick.higher_is_better else -1.0
    means = [sign * fmean(v for _, v in part) for part in parts]
    if len(means) < 4:
        return 0
    smooth = [median(means[max(0, i - 1) : i + 2]) for i in range(len(means))]
    last = fmean(means[-max(1, len(means) // 4) :])
    moves = chance_moves(means)
    best = max(range(len(smooth)), key=smooth.__getitem__)
    if smooth[best] - last <= max(FALLEN_MARGINS * measure.yardstick.margin, FALLEN_MOVES * moves):
        return 0
    half = (smooth[best] + last) / 2
    return next((parts[i][-1][0] for i in range(best, len(smooth)) if smooth[i] < half), 0)


def chance_moves(values: Sequence[float]) -> float:
    """How far a curve moves by chance from one value to the next: chance bends it, a trend does not. Second differences, each of three values that
    scatter alike, as large as first ones.
    """
    return median(abs(a - 2 * b + c) / math.sqrt(3) for a, b, c in zip(values, values[1:], values[2:], strict=False))
