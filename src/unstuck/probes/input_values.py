from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.probes.door import FEATURES, by_feature
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Sample

INPUT = Place(name="input", kind="input")
#: Elements of a batch whose distinct values are counted; samples looked at (values do not change their kind later).
ELEMENTS, SAMPLES = 2048, 24


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

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor | Sequence[float]]]:
        inputs = sample.inputs
        if inputs is None or inputs.dim() < 2 or not inputs.numel() or not inputs.is_floating_point() or self._samples >= SAMPLES:
            return
        self._samples += 1
        if inputs.numel() > 65_536:
            inputs = inputs[:: math.ceil(inputs.numel() / 65_536)]
        inputs = inputs.float()
        flat = inputs.reshape(-1)
        yield "input.zero_share", (INPUT,), (flat == 0).float().mean().reshape(1)
        part = flat[:: (math.ceil(flat.numel() / ELEMENTS) | 1)]
        yield "input.levels", (INPUT,), [float(len(set(part.tolist())))]
        rows = by_feature(inputs)
        if rows.shape[0] >= 16:
            yield "input.sentinel_share", (INPUT,), self._sentinels(rows).reshape(1)
        if inputs.dim() >= 3 and inputs.shape[-1] >= 6:
            ratio = self._wrap(inputs)
            if ratio is not None:
                yield "input.wrap_ratio", (INPUT,), ratio.reshape(1)

    @staticmethod
    def _sentinels(rows: torch.Tensor) -> torch.Tensor:
        import torch

        if rows.shape[1] > FEATURES:
            rows = rows[:, :: math.ceil(rows.shape[1] / FEATURES)]
        ordered = rows.sort(0).values  # [rows, features]
        count = rows.shape[0]
        low, high = ordered[count // 4], ordered[(3 * count) // 4]
        found = torch.zeros(rows.shape[1], dtype=torch.bool, device=rows.device)
        for edge in (ordered[0], ordered[-1]):
            equal = rows == edge
            others = torch.where(equal, torch.nan, rows)
            distance = (others - edge).abs().nan_to_num(nan=float("inf")).amin(0)
            found |= (
                (equal.sum(0) >= 2) & (equal.float().mean(0) < 0.4) & (high > low) & (distance > 8 * (high - low)) & distance.isfinite()
            )
        return found.float().mean()

    @staticmethod
    def _wrap(inputs: torch.Tensor) -> torch.Tensor | None:
        low, high = inputs.amin(), inputs.amax()
        extent = high - low
        middle = ((inputs > low + 0.1 * extent) & (inputs < high - 0.1 * extent)).float().mean()
        if not float(extent) > 0 or float(middle) < 0.3:
            return None
        before = (inputs[..., 1:] - inputs[..., :-1]).abs().mean()
        moved = (inputs - low + extent / 2) % extent
        return (moved[..., 1:] - moved[..., :-1]).abs().mean() / before.clamp_min(1e-30)
