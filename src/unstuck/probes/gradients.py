from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample


class Gradients(Probe):
    """The gradient that arrives at each place, and what share of it the place sends on toward the input.

    ## What it measures
    `gradient.norm`: L2 norm of dLoss/d(output of the place). `gradient.rms`: the same per element. `gradient.gain`: norm of the gradient
    that the place's operation sends to its input over the norm that arrived: one factor of the chain rule, the activation's slope or
    the weights. On chains the gains multiply to the whole; where paths join they do not.
    ## What it costs
    One hook per place during one backward pass, one fused norm for all of them.
    """

    zh = """到达每个位置的梯度，以及该位置把其中多少继续传向输入。

    ## 测量什么
    `gradient.norm`：dLoss/d(该位置输出) 的 L2 范数。`gradient.rms`：其均方根。`gradient.gain`：该位置的运算传给其输入的梯度范数与到达的
    梯度范数之比，即链式法则中的一个因子（激活函数的斜率或权重）。在链状结构上各增益之积等于总增益；有分支汇合处则不然。
    ## 开销
    一次反向传播中每个位置一个钩子，全部共用一次融合的范数计算。
    """

    emits = {"gradient.norm": "", "gradient.rms": "", "gradient.gain": ""}
    context = frozenset({"gradient.rms"})

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray]]:
        if sample.gradient_out is None or sample.gradient_in is None:
            return
        first: dict[str, int] = {}
        for i, place in enumerate(sample.gradient_places):  # a place that is passed twice (accumulation) counts once
            first.setdefault(place.name, i)
        places: Sequence[Place] = sample.gradient_places
        out, into, sizes = sample.gradient_out, sample.gradient_in, np.array(sample.gradient_size)
        if len(first) < len(places):
            index = list(first.values())
            places, out, into, sizes = [places[i] for i in index], out[index], into[index], sizes[index]
        with np.errstate(divide="ignore", invalid="ignore"):
            yield "gradient.norm", places, out
            yield "gradient.rms", places, out / np.sqrt(sizes)
            yield "gradient.gain", places, into / out
