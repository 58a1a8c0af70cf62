from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
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
    About twenty numpy operations for all places together.
    """

    zh = """每个位置输出的尺度、离散程度与形状。

    ## 测量什么
    在一个批次的若干等距行 [R, U] 上：均值、标准差、最大绝对值、精确为零的比例；对有界激活，还有落在边界 2 % 以内的比例；以及
    样本间离散度：各单元跨样本标准差的均方根。离散度以第一行为基准计算，否则 float32 会丢掉均值 1e-2 附近 1e-9 的差异。
    ## 开销
    所有位置共用约二十个 numpy 运算。
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

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray | Sequence[float]]]:
        if not sample.activations:
            return
        places = [place for place, _ in sample.activations]
        # Unit by unit, [U, R] of each place behind one another: sums over rows, then over units, for all places at once.
        flat = np.concatenate([rows.T.reshape(-1) for _, rows in sample.activations])
        shapes = np.array([values.shape for _, values in sample.activations])
        rows, units = shapes[:, 0], shapes[:, 1]
        unit_rows = np.repeat(rows, units)
        unit_starts = np.cumsum(unit_rows) - unit_rows
        place_units = np.cumsum(units) - units
        first = flat[unit_starts]
        around = flat - np.repeat(first, unit_rows)
        moved = np.add.reduceat(around, unit_starts) / unit_rows  # mean over the rows, less the first row; float64 from here on
        squares = np.add.reduceat(np.square(around, out=around), unit_starts) / unit_rows
        mean = np.add.reduceat(moved + first, place_units) / units
        second = np.add.reduceat(squares + first * (2 * moved + first), place_units) / units
        variance = np.maximum(squares - moved * moved, 0)
        yield "activation.mean", places, mean
        yield "activation.std", places, np.sqrt(np.maximum(second - mean * mean, 0))
        yield "activation.max", places, np.maximum.reduceat(np.abs(flat, out=flat), unit_starts[place_units])
        yield "activation.zero_share", places, [1 - float(np.count_nonzero(values)) / values.size for _, values in sample.activations]
        yield "activation.spread", places, np.sqrt(np.add.reduceat(variance, place_units) / units)
        bounded = [(place, values) for place, values in sample.activations if place.kind in BOUNDED]
        if bounded:
            yield "activation.saturated_share", [place for place, _ in bounded], [at_bound(place.kind, values) for place, values in bounded]


def at_bound(kind: str, values: np.ndarray) -> float:
    """Share of a bounded activation's outputs within `EDGE` of the range from a bound."""
    middle, half = BOUNDED[kind]
    return float(np.count_nonzero(np.abs(values - np.float32(middle)) > half * (1 - 2 * EDGE))) / values.size
