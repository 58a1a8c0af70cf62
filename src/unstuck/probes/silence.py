from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

#: Samples in one half of the window: a unit is silent if it was zero in all rows of the last one to two halves.
HALF = 10
#: Fewer rows than this say nothing about a unit.
MIN_ROWS = 256


class Silence(Probe):
    """Units that gave zero for every sample of many batches: dead is not sparse.

    ## What it measures
    `activation.silent_share`: the share of a rectifier's units (channels, for a convolution) that were exactly zero in every row of the last
    10 to 20 sampled steps, once at least 256 rows were seen. All rows of a batch are looked at, up to 65,536 elements.
    ## What it costs
    One reduction over each rectifier's output, and two rows of booleans of memory per place.
    """

    zh = """在许多批次的每个样本上都输出零的单元：死亡不等于稀疏。

    ## 测量什么
    `activation.silent_share`：在最近 10 至 20 个采样步的所有行上都恰为零的单元（卷积则为通道）所占比例；至少见过 256 行之后才给出。
    一个批次的所有行都参与，至多 65,536 个元素。
    ## 开销
    对每个整流层的输出做一次归约，每个位置占两行布尔值的内存。
    """

    emits = {"activation.silent_share": ""}

    def __init__(self) -> None:
        # by place: [fired in the older half, fired in the newer half, rows seen, samples in the newer half]
        self._state: dict[str, tuple[np.ndarray | None, np.ndarray | None, int, int]] = {}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], list[float]]]:
        places: list[Place] = []
        shares: list[float] = []
        for place, fired, rows in sample.alive:
            older, newer, seen, count = self._state.get(place.name, (None, None, 0, 0))
            newer = fired if newer is None or newer.shape != fired.shape else newer | fired
            ever = newer if older is None or older.shape != newer.shape else older | newer
            seen, count = seen + rows, count + 1
            if seen >= MIN_ROWS:
                places.append(place)
                shares.append(1 - np.count_nonzero(ever) / ever.size)
            self._state[place.name] = (newer, None, seen, 0) if count >= HALF else (older, newer, seen, count)
        if places:
            yield "activation.silent_share", places, shares
