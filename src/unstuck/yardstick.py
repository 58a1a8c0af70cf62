"""What trials are judged by: chosen from what the untouched run showed, before any trial."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from statistics import fmean

from unstuck.arms.output import SMALLER
from unstuck.arms.results import ArmResult, Series
from unstuck.errors import UsageError
from unstuck.measures import LAST_PART, NOISY, Measure, chance_moves, fall, first_steps, value_at
from unstuck.records import Yardstick

#: In this order, where the user names none. The loss comes last: a remedy may change what it means.
PREFERRED = (
    *("validation.accuracy", "validation.r2", "printed", "batch.accuracy", "batch.r2", "training.accuracy", "training.r2", "loss.value"),
)
#: Where classes are so rare that the frequent ones alone make an accuracy good: the mean of their recalls comes first.
BALANCED = ("validation.recall", "batch.recall")
#: Differences below this share of what is left to gain are of no practical interest; our choice.
ROOM = 0.05
#: And below this, on a scale from 0 to 1, in any case.
LEAST_MARGIN = 0.005
#: Fewest samples of a batch whose variance says what an error is worth: an R2 of fewer is a lottery, and another one in larger batches. Our choice.
FEWEST = 8
#: A yardstick that first shows behind this share of the run is a late one; our choice.
LATE = 0.5
#: Where an untouched run ends from which on "it trains well already" is the answer, unless the user asks for certain remedies; our choice.
TRAINS_WELL = {"accuracy": 0.9, "r2": 0.8}
#: Where training batches leave no room for a gain that counts; and the share of what the validation lacks that they lack, too, where it is not
#: between the two that anything is lost. Our choice.
NEARLY_PERFECT, ALIKE = 0.95, 0.75

#: Fewest values of a curve that can be said to swing, and margins by which they do so. Our choice.
SWINGING, SWING_MARGINS = 6, 2.0


def choose(control: ArmResult, metric: str | None = None, *, balanced: bool = False, batch: int = 0) -> Measure | None:
    """The yardstick for trials of a program whose untouched run gave `control`; None where there is nothing to judge by.

    `balanced`: some class is so rare that an accuracy says nothing about it. `batch`: samples of one, where known. Raises UsageError where the
    user named one that never appeared.
    """
    usable = {name: s for name, s in control.series.items() if any(v is not None for v in s.values)}
    if metric is not None:
        return _measure(named(metric, usable), usable)
    usable = _telling(usable, batch)
    for wanted in (*(BALANCED if balanced else ()), *PREFERRED):
        found = [n for n in usable if n == wanted or n.startswith(f"{wanted} ")]
        # A number that is printed once, after the training, is never seen in an arm that stops before.
        found = [n for n in found if wanted != "printed" or len(usable[n].values) >= 2]
        found = [n for n in found if _lived(usable[n], dead_from(control))]
        if found:
            return _measure(max(found, key=lambda n: len(usable[n].values)), usable)
    # Nothing was ever finite: whatever lives on wins, and no size is needed to say so.
    dead = [n for wanted in PREFERRED for n in control.series if n == wanted and None in control.series[n].values]
    return Measure(dead[0], Yardstick(name=_readable(dead[0]), higher_is_better=not SMALLER.search(dead[0]))) if dead else None


def _telling(usable: Mapping[str, Series], batch: int) -> dict[str, Series]:
    """Without the R2 of batches that are too small to have one."""
    return {n: s for n, s in usable.items() if not (0 < batch < FEWEST and n in ("batch.r2", "training.r2"))}


def dead_from(control: ArmResult) -> float:
    """Step from which on the loss is never finite again; infinite where it is at the end."""
    loss = control.series.get("loss.value")
    if loss is None or not loss.values or loss.values[-1] is not None:
        return math.inf
    return max((s for s, v in zip(loss.steps, loss.values, strict=True) if v is not None), default=-1) + 1


def _lived(series: Series, dead: float) -> bool:
    """Some number is of a model that was still alive: what a dead one scores is no yardstick."""
    return any(v is not None and s < dead for s, v in zip(series.steps, series.values, strict=True))


def sooner(control: ArmResult, measure: Measure, *, found: bool = False, batch: int = 0) -> Measure:
    """The yardstick for short arms: where this one shows only late (a script that validates once, at its end), the same of the training
    batches, if the untouched training is poor by that too; where it learned its batches well, only a validation can show a gain.

    `found`: something was found to be wrong. Then batches that are not answered perfectly, and hardly better than the validation, will do as well:
    it is not between the two that anything is lost. `batch`: as for `choose`.
    """
    shown = first_steps(control, measure)
    if not shown or shown[0] <= LATE * control.steps:
        return measure
    held_out = value_at(control, measure, control.steps)
    for kind, well in TRAINS_WELL.items():
        usable = _telling({n: s for n, s in control.series.items() if any(v is not None for v in s.values)}, batch)
        name = next((n for n in (f"batch.{kind}", f"training.{kind}") if n in usable), None)
        if name is not None:
            series = _measure(name, usable)
            value = value_at(control, series, control.steps)
            if value is None or value < well:
                return series
            alike = held_out is not None and measure.series.endswith(kind) and 1 - value >= ALIKE * (1 - held_out)
            return series if found and alike and value < NEARLY_PERFECT else measure
    return measure


def learns_its_batches(control: ArmResult) -> bool | None:
    """The untouched run answers its training batches well by the end; None where that is not known."""
    usable = {n: s for n, s in control.series.items() if any(v is not None for v in s.values)}
    for kind, well in TRAINS_WELL.items():
        for name in (f"batch.{kind}", f"training.{kind}"):
            value = value_at(control, _measure(name, usable), control.steps) if name in usable else None
            if value is not None:
                return value >= well
    return None


def of_the_harm(control: ArmResult, measure: Measure) -> Measure:
    """The held-out loss in place of the held-out accuracy, where the training batches are learned and only that loss shows what goes wrong: it
    has risen clearly since its best, and the accuracy has not fallen.
    """
    usable = {n: s for n, s in control.series.items() if any(v is not None for v in s.values)}
    if measure.series != "validation.accuracy" or not {"validation.loss", "batch.accuracy"} <= usable.keys() or fall(control, measure):
        return measure
    learned = value_at(control, _measure("batch.accuracy", usable), control.steps)
    loss = _measure("validation.loss", usable)
    return loss if learned is not None and learned >= TRAINS_WELL["accuracy"] and fall(control, loss) else measure


def named(metric: str, usable: Mapping[str, Series]) -> str:
    """The series that the user means: a signal or printed name, or what the expression found."""
    plain = metric.lower().replace("_", " ")
    for name in usable:
        if plain in (name, name.replace(".", " "), name.removeprefix("printed ")):
            return name
    if "printed metric" in usable:
        return "printed metric"
    known = ", ".join(sorted(usable)) or "-"
    raise UsageError(
        f"--metric {metric!r} was not found: neither a line that the script printed matches it, nor is it one of: {known}. "
        f"Give one of these names, or a regular expression with one group around the number."
    )


def is_expression(metric: str | None) -> bool:
    """A regular expression with a group, not a name."""
    return metric is not None and "(" in metric


def _measure(name: str, usable: Mapping[str, Series]) -> Measure:
    higher = not SMALLER.search(name)
    finite = [v for v in usable[name].values if v is not None]
    # A single batch says little, one of a single sample nothing.
    final = fmean(finite[-math.ceil(LAST_PART * len(finite)) :]) if name.startswith(NOISY) else finite[-1]
    on_unit_scale = higher and (name.endswith((".accuracy", ".recall", ".r2")) or 0 <= final <= 1)
    # A loss that has risen without bounds is no measure of what is a small difference: what it began with is.
    size = abs(final) if higher else min(abs(final), abs(finite[0]))
    margin = max(LEAST_MARGIN, ROOM * (1 - min(max(final, 0.0), 1.0))) if on_unit_scale else ROOM * size
    swings = not name.startswith(NOISY) and len(finite) >= SWINGING and chance_moves(finite) > SWING_MARGINS * margin
    shown = _readable(name) + (", mean of the later half" if swings else "")
    return Measure(name, Yardstick(name=shown, higher_is_better=higher, margin=float(f"{margin:.3g}")), swings)


def _readable(name: str) -> str:
    name = name.replace("batch.", "training.").replace(".recall", " balanced accuracy").replace(".r2", " R2")
    return name.replace(".", " ").replace("loss value", "training loss")


def trains_well(control: ArmResult, measure: Measure, alarms: Collection[object]) -> bool:
    """Nothing was found, and the numbers are good."""
    limit = next((v for k, v in TRAINS_WELL.items() if measure.series.endswith(k)), None)
    if alarms or limit is None:
        return False
    value = value_at(control, measure, control.steps)
    return value is not None and value >= limit
