from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

RUN = Place(name="run", kind="run")


class Normalisation(Probe):
    """How far a batch-norm layer's running statistics are from those of the batch, and which layers are in training mode.

    ## What it measures
    `norm.mean_gap`: root mean square over the channels of (batch mean - running mean) / batch std. `norm.var_ratio`: geometric mean over the
    channels of running variance over batch variance. `norm.count`: values per channel in the batch. All as they are right after the forward
    pass. `mode.root_share`, `mode.layer_share`: share of the root modules, and of their dropout and batch-norm layers, that were in
    training mode at the backward pass.
    ## What it costs
    One pass over a strided part of each batch-norm layer's input.
    """

    zh = """批归一化层的滑动统计量与批统计量相差多远，以及哪些层处于训练模式。

    ## 测量什么
    `norm.mean_gap`：各通道 (批均值 - 滑动均值) / 批标准差 的均方根。`norm.var_ratio`：滑动方差与批方差之比在各通道上的几何平均。
    `norm.count`：批中每个通道的数值个数。均为前向刚结束时的值。`mode.root_share`、`mode.layer_share`：反向传播时处于训练模式的根模块、
    以及其中 dropout 与批归一化层的比例。
    ## 开销
    对每个批归一化层输入的一部分做一次遍历。
    """

    emits = {"norm.mean_gap": "", "norm.var_ratio": "", "norm.count": "", "mode.root_share": "", "mode.layer_share": ""}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        if sample.modes is not None:
            root, layers = sample.modes
            yield "mode.root_share", (RUN,), [root]
            if layers == layers:  # nan: no such layer
                yield "mode.layer_share", (RUN,), [layers]
        for place, mean, variance, running_mean, running_variance, count in sample.norms:
            variance, running_variance = np.maximum(variance, 1e-12), np.maximum(running_variance, 1e-12)
            yield "norm.mean_gap", (place,), [math.sqrt(float((np.square(mean - running_mean) / variance).mean()))]
            yield "norm.var_ratio", (place,), [math.exp(float(np.log(running_variance / variance).mean()))]
            yield "norm.count", (place,), [float(count)]
