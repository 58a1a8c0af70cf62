from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Sample

#: Kinds that give exact zeros for whole ranges of their input.
RECTIFIERS = ("ReLU", "ReLU6", "functional relu", "Threshold", "Hardshrink", "Softshrink")
#: Samples in one half of the window: a unit is silent if it was zero in all rows of the last one to two halves.
HALF = 10
#: Fewer rows than this say nothing about a unit.
MIN_ROWS = 256


class Silence(Probe):
    """Units that gave zero for every sample of many batches: dead is not sparse.

    ## What it measures
    `activation.silent_share`: the share of a rectifier's units (channels, for a convolution) that were exactly zero in every row of the last
    10 to 20 sampled steps, once at least 256 rows were seen.
    ## What it costs
    One reduction for all places of one shape, and two rows of booleans of memory per place.
    """

    zh = """在许多批次的每个样本上都输出零的单元：死亡不等于稀疏。

    ## 测量什么
    `activation.silent_share`：在最近 10 至 20 个采样步的所有行上都恰为零的单元（卷积则为通道）所占比例；至少见过 256 行之后才给出。
    ## 开销
    同一形状的所有位置共用一次归约，每个位置占两行布尔值的内存。
    """

    emits = {"activation.silent_share": ""}

    def __init__(self) -> None:
        # by names and units: [alive in the older half, alive in the newer half, rows, samples in the newer half]
        self._state: dict[tuple[object, ...], list[object]] = {}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        for rows in sample.activations:
            chosen = [i for i, p in enumerate(rows.places) if p.kind in RECTIFIERS]
            if not chosen:
                continue
            places = [rows.places[i] for i in chosen]
            values = rows.values if len(chosen) == len(rows.places) else rows.values[chosen]
            alive = values.abs().amax(1) > 0  # [L, U]; NaN > 0 is False, but then `non-finite` speaks
            key = (*(p.name for p in places), alive.shape[1])
            older, newer, seen, count = self._state.get(key, [torch.zeros_like(alive), torch.zeros_like(alive), 0, 0])
            newer = newer | alive  # type: ignore[operator]
            seen, count = seen + values.shape[1], count + 1  # type: ignore[operator]
            if seen >= MIN_ROWS:
                yield "activation.silent_share", places, 1 - (older | newer).float().mean(1)  # type: ignore[operator]
            self._state[key] = [newer, torch.zeros_like(alive), seen, 0] if count >= HALF else [older, newer, seen, count]
