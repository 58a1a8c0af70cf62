from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

RUN = Place(name="run", kind="run")


class Clipping(Probe):
    """How much of the gradient an element-wise clipping cuts away.

    ## What it measures
    `clip.value_share`: share of the gradient's elements beyond the limit of `clip_grad_value_`. `clip.value_ratio`: root mean square of the
    gradient over that limit. The total norm and the limit of `clip_grad_norm_` are read at every step (`clip.norm`, `clip.limit`).
    ## What it costs
    Two reductions over the gradients of a sampled step, only where the script clips by value.
    """

    zh = """逐元素裁剪切掉了多少梯度。

    ## 测量什么
    `clip.value_share`：超出 `clip_grad_value_` 界限的梯度元素比例。`clip.value_ratio`：梯度的均方根与该界限之比。`clip_grad_norm_` 的总范数
    与界限每一步都会读取（`clip.norm`、`clip.limit`）。
    ## 开销
    仅当脚本按值裁剪时，在采样步对梯度做两次归约。
    """

    emits = {"clip.value_share": "", "clip.value_ratio": ""}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        if sample.value_clipped is not None:
            share, ratio = sample.value_clipped
            yield "clip.value_share", (RUN,), [share]
            yield "clip.value_ratio", (RUN,), [ratio]
