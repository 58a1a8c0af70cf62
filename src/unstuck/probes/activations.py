from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.attach.passes import Arrays
    from unstuck.training import Sample

#: Bounded activations: kind -> (middle, half of the range).
BOUNDED = {
    "Sigmoid": (0.5, 0.5), "Tanh": (0.0, 1.0), "Hardsigmoid": (0.5, 0.5), "Softsign": (0.0, 1.0),
    "functional sigmoid": (0.5, 0.5), "functional tanh": (0.0, 1.0), "functional hardsigmoid": (0.5, 0.5),
}  # fmt: skip
#: "At a bound" = within this share of the range from it; root-causes.md says 2 %.
EDGE = 0.02


class Activations(Probe):
    """Scale, spread and shape of what each place puts out.

    ## What it measures
    Over strided rows [R, U] of one batch: mean, standard deviation, largest magnitude, share of exact zeros; for bounded activations the
    share of outputs within 2 % of a bound; and the spread: the standard deviation over the samples, root mean square over the units.
    The spread is taken around the first row, because float32 would lose a spread of 1e-9 around a mean of 1e-2.
    ## What it costs
    One pass for all places together; about twenty numpy operations where it is not compiled.
    """

    zh = """每个位置输出的尺度、离散程度与形状。

    ## 测量什么
    在一个批次的若干等距行 [R, U] 上：均值、标准差、最大绝对值、精确为零的比例；对有界激活，还有落在边界 2 % 以内的比例；以及
    样本间离散度：各单元跨样本标准差的均方根。离散度以第一行为基准计算，否则 float32 会丢掉均值 1e-2 附近 1e-9 的差异。
    ## 开销
    所有位置共用一次遍历；未编译时为约二十个 numpy 运算。
    """

    emits = {
        "activation.mean": "",
        "activation.std": "",
        "activation.max": "",
        "activation.zero_share": "",
        "activation.spread": "",
        "activation.saturated_share": "",
    }

    context = frozenset({"activation.max", "activation.std", "activation.zero_share"})

    def __init__(self) -> None:
        self._layout = Layout(())
        self._kinds: tuple[str, ...] = ()
        self._bounds = bounds(())
        self._arrays: Arrays | None = None

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray | Sequence[float]]]:
        if not sample.activations:
            return
        places = [place for place, _ in sample.activations]
        bounded = [i for i, place in enumerate(places) if place.kind in BOUNDED]
        mean, std, largest, zeros, spread, at_a_bound = self._moments(places, [values for _, values in sample.activations], bounded)
        yield "activation.mean", places, mean
        yield "activation.std", places, std
        yield "activation.zero_share", places, zeros
        yield "activation.max", places, largest
        yield "activation.spread", places, spread
        if bounded:
            yield "activation.saturated_share", [places[i] for i in bounded], at_a_bound

    def _moments(self, places: list[Place], values: list[np.ndarray], bounded: list[int]) -> Sequence[np.ndarray]:
        """Mean, standard deviation, largest magnitude, share of zeros, spread [P]; share at a bound [bounded]."""
        from unstuck.attach import passes

        kinds = tuple([place.kind for place in places])
        if kinds != self._kinds:
            self._kinds, self._bounds = kinds, bounds(kinds)
        self._arrays = self._arrays or passes.Arrays()
        passed = passes.moments(values, *self._bounds, self._arrays)
        if passed is not None:
            return *passed[:5], passed[5, bounded]
        shapes = tuple([v.shape for v in values])
        if shapes != self._layout.shapes:
            self._layout = Layout(shapes)
        return *moments(values, self._layout), np.array([at_bound(kinds[i], values[i]) for i in bounded])


def moments(values: Sequence[np.ndarray], at: Layout) -> Sequence[np.ndarray]:
    """Mean, standard deviation, largest magnitude, share of zeros, spread [P] of P places, each [R, U]; all places at once."""
    flat = np.concatenate([v.T.reshape(-1) for v in values])
    first = flat[at.unit_starts]
    around = flat - np.repeat(first, at.unit_rows)
    moved = np.add.reduceat(around, at.unit_starts) / at.unit_rows  # mean over the rows, less the first row; float64 from here on
    squares = np.add.reduceat(np.square(around, out=around), at.unit_starts) / at.unit_rows
    mean = np.add.reduceat(moved + first, at.place_units) / at.units
    second = np.add.reduceat(squares + first * (2 * moved + first), at.place_units) / at.units
    variance = np.maximum(squares - moved * moved, 0)
    zeros = np.add.reduceat(flat == 0, at.starts, dtype=np.int32) / at.sizes
    largest = np.maximum.reduceat(np.abs(flat, out=flat), at.starts)
    return mean, np.sqrt(np.maximum(second - mean * mean, 0)), largest, zeros, np.sqrt(np.add.reduceat(variance, at.place_units) / at.units)


def bounds(kinds: Sequence[str]) -> tuple[array[float], array[float]]:
    """For each kind the middle of its range, and how far from that an output is at a bound; infinitely far: it has none."""
    found = [BOUNDED.get(kind, (0.0, math.inf)) for kind in kinds]
    return array("f", [middle for middle, _ in found]), array("f", [half * (1 - 2 * EDGE) for _, half in found])


class Layout:
    """Where the values of each unit and of each place lie in one row that holds all rows [R, U] of all places, unit by unit."""

    def __init__(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        self.shapes = shapes
        rows, self.units = np.array(shapes, np.int64).reshape(-1, 2).T
        self.sizes = rows * self.units
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.place_units = np.cumsum(self.units) - self.units
        self.unit_rows = np.repeat(rows, self.units)
        self.unit_starts = np.cumsum(self.unit_rows) - self.unit_rows


def at_bound(kind: str, values: np.ndarray) -> float:
    """Share of a bounded activation's outputs within `EDGE` of the range from a bound."""
    middle, half = BOUNDED[kind]
    return float(np.count_nonzero(np.abs(values - np.float32(middle)) > half * (1 - 2 * EDGE))) / values.size
