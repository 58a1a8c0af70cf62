"""A trace -> the numbers that charts draw: heat maps over places and steps, curves, gains; thinned so that a page stays small.

Thinning never invents: a bucket of a curve keeps its lowest and its highest value, a cell of a heat map is the median of what it covers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from unstuck.reading import WEIGHTED, geometric_mean, is_activation, smooth
from unstuck.records import Place, Signal, Trace, Verdict

#: Points of a curve, columns and cells of a heat map, blocks of a trend: more than a screen shows, little enough for a page. Our choice.
POINTS, COLUMNS, CELLS, BLOCKS = 1000, 120, 12_000, 64
#: Samples behind a gain and a profile: the state in which the training began, as the rules read it.
FIRST = slice(0, 20)
#: Pairs below which a band over them says nothing.
LEAST_PAIRS = 3
#: Heat maps of the whole network, in the order in which a person asks for them: signal -> whether its scale is logarithmic.
MAPS: dict[str, bool] = {
    "gradient.norm": True,
    "activation.std": True,
    "update.ratio": True,
    "activation.silent_share": False,
    "activation.saturated_share": False,
    "activation.zero_share": False,
}
#: Curves of the whole run that share one chart.
CURVES: tuple[tuple[str, ...], ...] = (
    ("loss.value", "validation.loss"),
    ("training.accuracy", "validation.accuracy", "training.r2", "validation.r2"),
    ("gradient.total_norm",),
    ("lr.value",),
)


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """One quantity at every place of a chain, over the sampled steps."""

    signal: str
    logarithmic: bool
    #: In data-flow order.
    places: tuple[Place, ...]
    #: [C] the first step that a column covers.
    steps: np.ndarray
    #: [P, C]; nan = not finite or not measured.
    values: np.ndarray
    #: [P, C] something was measured, finite or not.
    measured: np.ndarray
    #: [P] median over the first samples.
    medians: np.ndarray
    #: Sampled steps behind it.
    sampled: int


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One quantity over steps."""

    signal: str
    place: str
    steps: np.ndarray
    #: nan = not finite.
    values: np.ndarray
    #: Medians of blocks, where the curve is long enough to have a trend: steps [B], values [B].
    trend: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What one place does to the gradient that passes it."""

    place: Place
    #: weights, activation, or other.
    share: str
    value: float


# ----------------------------------------------------------------------------------------------------------- trials


def bands(rows: Sequence[Sequence[float | None]]) -> list[tuple[float, float, float] | None]:
    """[pairs, steps] -> [steps] mean, lowest and highest over the pairs that have a number there; None where none has."""
    numbers = [[v for v in column if v is not None] for column in zip(*rows, strict=True)]
    return [(math.fsum(good) / len(good), min(good), max(good)) if good else None for good in numbers]


def has_curves(verdict: Verdict) -> bool:
    """Its trial was seen over the steps, in enough pairs, and came to an end."""
    curves = verdict.trial.curves
    return curves is not None and len(curves.control) >= LEAST_PAIRS and verdict.outcome != "unclear"


# ----------------------------------------------------------------------------------------------------------- shapes


def heat_map(trace: Trace, name: str, *, wanted: Callable[[Place], bool] = lambda place: True) -> HeatMap | None:
    """The signal at every place of the data flow; None below two places."""
    chain = [s for s in trace.each(name) if s.place.order >= 0 and len(s) and wanted(s.place)]
    if len(chain) < 2:
        return None
    steps = np.unique(np.concatenate([s.steps for s in chain]))
    columns = min(max(2, min(COLUMNS, CELLS // len(chain))), len(steps))
    edges = np.linspace(0, len(steps), columns + 1).astype(int)[:-1]
    values = np.full((len(chain), columns), np.nan)
    measured = np.zeros((len(chain), columns), bool)
    for row, signal in enumerate(chain):
        column = np.searchsorted(edges, np.searchsorted(steps, signal.steps), side="right") - 1
        starts = np.flatnonzero(np.r_[True, np.diff(column) > 0])
        for at, part in zip(column[starts], np.split(signal.values, starts[1:]), strict=True):
            good = part[np.isfinite(part)]
            measured[row, at] = True
            values[row, at] = np.median(good) if len(good) == len(part) else np.nan
    return HeatMap(
        signal=name,
        logarithmic=MAPS.get(name, _wide(values)),
        places=tuple(s.place for s in chain),
        steps=steps[edges],
        values=values,
        measured=measured,
        medians=np.array([_median(s.values[FIRST]) for s in chain]),
        sampled=len(steps),
    )


def layers(trace: Trace, name: str) -> HeatMap | None:
    """The heat map of a signal; of parameters only those with more than one dimension, where there are any: biases repeat their layer."""
    matrices = {s.place.name for s in trace.each(name) if len(s.place.shape) > 1}
    of_parameters = any(s.place.kind in ("weight", "bias", "parameter") for s in trace.each(name))
    return heat_map(trace, name, wanted=lambda place: not of_parameters or not matrices or place.name in matrices)


def curve(signal: Signal) -> Curve:
    """A signal over steps, thinned."""
    kept = thinned(signal.values)
    values = signal.values[kept].astype(float)
    width = len(signal) // BLOCKS
    trend = None
    if width > 2 and np.isfinite(signal.values).all():
        trend = smooth(signal.steps.astype(float), width), smooth(signal.values.astype(float), width)
    return Curve(
        signal=signal.name,
        place=signal.place.name,
        steps=signal.steps[kept],
        values=np.where(np.isfinite(values), values, np.nan),
        trend=trend,
    )


def thinned(values: np.ndarray, points: int = POINTS) -> np.ndarray:
    """Indices of at most about `points` values: the lowest and highest finite one and the first non-finite one of every bucket, both ends."""
    if len(values) <= points:
        return np.arange(len(values))
    kept = {0, len(values) - 1}
    for start, end in _buckets(len(values), points // 2):
        part = values[start:end]
        good = np.isfinite(part)
        if good.any():
            kept |= {start + int(np.argmin(np.where(good, part, np.inf))), start + int(np.argmax(np.where(good, part, -np.inf)))}
        if not good.all():
            kept.add(start + int(np.argmin(good)))
    return np.array(sorted(kept))


def gains(trace: Trace) -> list[Gain]:
    """The chain rule's factors in data-flow order, split into those of weights and of activations."""
    found = []
    for signal in trace.each("gradient.gain"):
        value = _median(signal.values[FIRST])
        if signal.place.order >= 0 and math.isfinite(value) and value > 0:
            place = signal.place
            share = "weights" if place.kind in WEIGHTED else "activation" if is_activation(place) else "other"
            found.append(Gain(place=place, share=share, value=value))
    return found


def typical(found: Iterable[Gain], share: str) -> float | None:
    """Geometric mean of the gains of one kind of hidden place."""
    mean = geometric_mean(g.value for g in found if g.share == share and g.place.role != "output")
    return mean if math.isfinite(mean) else None


def first_nonfinite(trace: Trace) -> int | None:
    """The step at which the loss was not finite for the first time."""
    loss = trace.signal("loss.value")
    if loss is None or np.isfinite(loss.values).all():
        return None
    return int(loss.steps[int(np.argmin(np.isfinite(loss.values)))])


def best_validation(trace: Trace) -> tuple[str, int] | None:
    """Signal and step of the best validation value; None below three values, or where the last one is the best."""
    for name, sign in (("validation.accuracy", 1), ("validation.r2", 1), ("validation.loss", -1)):
        signal = trace.signal(name)
        if signal is not None and len(signal.finite()) > 2:
            at = int(np.nanargmax(np.where(np.isfinite(signal.values), sign * signal.values, np.nan)))
            return (name, int(signal.steps[at])) if at < len(signal) - 1 else None
    return None


# ------------------------------------------------------------------------------------------------------------- JSON


def plain(chart: HeatMap | Curve | Sequence[Gain]) -> dict[str, object]:
    """A chart in builtins: three digits are more than a screen shows; null = nothing was measured, "nan" = not finite."""
    if isinstance(chart, Curve):
        trend = zip(*(part.tolist() for part in chart.trend), strict=True) if chart.trend is not None else ()
        return {
            "signal": chart.signal,
            "place": chart.place,
            "steps": chart.steps.tolist(),
            "values": [_short(v, 5) for v in chart.values.tolist()],
            "trend": [[round(step), _short(value, 5)] for step, value in trend],
        }
    if isinstance(chart, HeatMap):
        cells = [
            [_short(v) if seen else None for v, seen in zip(row, known, strict=True)]
            for row, known in zip(chart.values.tolist(), chart.measured.tolist(), strict=True)
        ]
        return {
            "signal": chart.signal,
            "log": chart.logarithmic,
            "places": [{"name": p.name, "kind": p.kind, "line": line_of(p), "role": p.role} for p in chart.places],
            "steps": chart.steps.tolist(),
            "cells": cells,
            "medians": [_short(v) for v in chart.medians.tolist()],
        }
    return {
        "gains": [{"place": g.place.name, "kind": g.place.kind, "share": g.share, "value": _short(g.value)} for g in chart],
        "typical": {share: typical(chart, share) for share in ("weights", "activation")},
    }


def line_of(place: Place) -> str:
    """`train.py:14`, or nothing."""
    return f"{place.file}:{place.line}" if place.file and place.line is not None else place.file or ""


def _short(value: float, digits: int = 3) -> float | str:
    return float(f"{value:.{digits}g}") if math.isfinite(value) else "nan"


def _median(values: np.ndarray) -> float:
    good = values[np.isfinite(values)]
    return float(np.median(good)) if len(good) else math.nan


def _wide(values: np.ndarray) -> bool:
    """Positive values over more than two powers of ten."""
    good = values[np.isfinite(values)]
    return bool(len(good)) and bool((good > 0).all()) and bool(good.max() > 100 * good.min())


def _buckets(length: int, count: int) -> list[tuple[int, int]]:
    edges = np.linspace(0, length, count + 1).astype(int).tolist()
    return [(start, end) for start, end in itertools.pairwise(edges) if end > start]
