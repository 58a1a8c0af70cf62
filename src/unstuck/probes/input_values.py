from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.probes.door import ELEMENTS as BATCH_ELEMENTS
from unstuck.probes.door import FEATURES, by_feature
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

INPUT = Place(name="input", kind="input")
#: Elements of a batch whose distinct values are counted; samples looked at (values do not change their kind later).
ELEMENTS, SAMPLES = 2048, 24
#: Rows that are searched for sentinels.
ROWS = 4096


class InputValues(Probe):
    """What kind of numbers the inputs are.

    ## What it measures
    `input.zero_share`: share of exact zeros. `input.levels`: distinct values among at most 2048 elements. `input.sentinel_share`: share of
    the features (up to 64) whose smallest or largest value occurs several times and lies far from all the others, as -999 for "not known"
    does. `input.wrap_ratio` (images and series): mean difference of neighbours after a shift by half the range, modulo the range, over
    the one before; far below 1 where numbers of a too small integer type have wrapped around.
    ## What it costs
    A sort of 2048 numbers and about ten small kernels, in the first 24 sampled steps.
    """

    zh = """输入是什么样的数。

    ## 测量什么
    `input.zero_share`：精确为零的比例。`input.levels`：至多 2048 个元素中不同取值的个数。`input.sentinel_share`：最小或最大值多次出现且远离
    其余取值的特征比例（至多 64 个特征），例如用 -999 表示“未知”。`input.wrap_ratio`（图像与序列）：按范围的一半平移并对范围取模之后，
    相邻元素的平均差与之前之比；若远小于 1，说明过小的整数类型发生了回绕。
    ## 开销
    前 24 个采样步中对 2048 个数排序一次，外加约十个小算子。
    """

    every = 4
    emits = {"input.zero_share": "", "input.levels": "", "input.sentinel_share": "", "input.wrap_ratio": ""}

    def __init__(self) -> None:
        self._samples = 0

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        inputs = sample.inputs
        if inputs is None or inputs.ndim < 2 or not inputs.size or inputs.dtype.kind != "f" or self._samples >= SAMPLES:
            return
        self._samples += 1
        if inputs.size > BATCH_ELEMENTS:
            inputs = inputs[:: math.ceil(inputs.size / BATCH_ELEMENTS)]
        flat = inputs.reshape(-1)
        yield "input.zero_share", (INPUT,), [1 - np.count_nonzero(flat) / flat.size]
        part = np.sort(flat[:: (math.ceil(flat.size / ELEMENTS) | 1)])
        yield "input.levels", (INPUT,), [1.0 + np.count_nonzero(part[1:] != part[:-1])]
        rows = by_feature(inputs)
        if rows.shape[0] >= 16:
            yield "input.sentinel_share", (INPUT,), [self._sentinels(rows)]
        if inputs.ndim >= 3 and inputs.shape[-1] >= 6:
            ratio = self._wrap(inputs)
            if ratio is not None:
                yield "input.wrap_ratio", (INPUT,), [ratio]

    @staticmethod
    def _sentinels(rows: np.ndarray) -> float:
        if rows.shape[1] > FEATURES:
            rows = rows[:, :: math.ceil(rows.shape[1] / FEATURES)]
        if len(rows) > ROWS:
            rows = rows[:: math.ceil(len(rows) / ROWS)]
        ordered = np.sort(rows.T, axis=1)  # [features, rows]
        count = ordered.shape[1]
        low, high = ordered[:, count // 4], ordered[:, (3 * count) // 4]
        twice = (ordered[:, 0] == ordered[:, 1]) | (ordered[:, -1] == ordered[:, -2])
        far_off = 8 * (high - low)
        found = 0
        for values, far in zip(ordered[twice], far_off[twice], strict=True):
            above = values[np.searchsorted(values, values[0], "right") :]
            below = values[: np.searchsorted(values, values[-1], "left")]
            for edge, others in ((values[0], above), (values[-1], below)):
                if far > 0 and len(others) and 2 <= count - len(others) < 0.4 * count and far < np.abs(others - edge).min() < math.inf:
                    found += 1
                    break
        return found / len(ordered)

    @staticmethod
    def _wrap(inputs: np.ndarray) -> float | None:
        low, high = inputs.min(), inputs.max()
        extent = high - low
        middle = np.count_nonzero((inputs > low + 0.1 * extent) & (inputs < high - 0.1 * extent)) / inputs.size
        if not extent > 0 or middle < 0.3:
            return None
        before = float(np.abs(np.diff(inputs)).mean())
        moved = (inputs - low + extent / 2) % extent
        return float(np.abs(np.diff(moved)).mean()) / max(before, 1e-30)
