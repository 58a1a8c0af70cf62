from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

RUN = Place(name="run", kind="run")


class Alterations(Probe):
    """What is left of the gradient after the script has had its hands on it.

    ## What it measures
    `gradient.kept_ratio`: norm of the gradient at the step over its norm right after the backward pass (of strided elements; what a loss
    scaler divides by is taken off): below 1 where a clipping function or a clamp by hand cuts, above 1 where something is added. Given only
    where gradients are altered, from the second sampled step on.
    ## What it costs
    Two copied rows of gradients per sampled step, only where they are altered.
    """

    zh = """脚本动过梯度之后还剩多少。

    ## 测量什么
    `gradient.kept_ratio`：更新时的梯度范数与反向传播刚结束时的范数之比（取等距元素；已除去损失缩放因子）：裁剪函数或手工截断使其小于 1，
    额外加入的量使其大于 1。仅当梯度被改动时给出，从第二个采样步开始。
    ## 开销
    仅当梯度被改动时，每个采样步复制两行梯度。
    """

    emits = {"gradient.kept_ratio": ""}
    context = frozenset(emits)

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        if sample.kept is not None:
            yield "gradient.kept_ratio", (RUN,), [sample.kept]
