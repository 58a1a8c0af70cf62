from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import AddNorm

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft


class LayerNorm(AddNorm):
    """Normalise the output of every hidden layer over its own features.

    ## What it changes
    A LayerNorm follows every hidden linear layer that has no norm (for convolutions over channels and positions of one sample).
    ## When it helps
    Signals whose scale drifts with depth, above all in recurrent networks, transformers and with tiny batches: it does not depend on the
    batch.
    ## What it can cost
    It cannot undo an offset that all features share with the next layer's bias; in sigmoid stacks it helps less than batch norm.
    """

    zh = """在每个样本自己的特征上归一化每个隐藏层的输出。

    ## 改变什么
    每个还没有归一化的隐藏线性层之后加 LayerNorm（卷积层则在单个样本的通道和位置上）。
    ## 何时有效
    信号尺度随深度漂移，尤其是循环网络、Transformer 和很小的批次：它不依赖批次。
    ## 代价
    它不能消除同一特征在所有样本上共有的偏移；在 sigmoid 堆叠中不如批归一化有效。
    """

    treats = ("exploding-gradient", "batchnorm-misuse", "bad-init-scale", "vanishing-gradient", "degradation")
    order = 31
    joins = ("relu", "residual")
    written = "nn.LayerNorm(features)"

    def norm(self, layer: nn.Module, features: int) -> nn.Module:
        """Over the features of a linear layer; one group of all channels of a convolution."""
        from torch import nn

        return nn.LayerNorm(features) if isinstance(layer, nn.Linear) else nn.GroupNorm(1, features)

    def edit(self, draft: Draft) -> None:
        """Behind every hidden layer."""
        from unstuck.edits.layers import follow_layers

        follow_layers(draft, lambda place, size: f"LayerNorm({size})" if place.kind == "Linear" else f"GroupNorm(1, {size})")
