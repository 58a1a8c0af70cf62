from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import AddNorm
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft


class BatchNorm(AddNorm):
    """Normalise the output of every hidden layer over the batch.

    ## What it changes
    A BatchNorm follows every hidden linear or convolution layer that has none, before its activation; its scale and shift are trained.
    ## When it helps
    Signals whose scale drifts with depth, saturated sigmoids, weights of a wrong scale: every layer's input has mean 0 and variance 1
    again.
    ## What it can cost
    Batches of a few samples make it noisy, and training and evaluation differ. Without skip connections gradients still grow with depth
    (factor 30 at 20 layers). Old checkpoints do not fit any more.
    """

    zh = """在批次上归一化每个隐藏层的输出。

    ## 改变什么
    每个还没有归一化的隐藏线性层或卷积层之后、激活之前加 BatchNorm；其缩放和平移参与训练。
    ## 何时有效
    信号尺度随深度漂移、sigmoid 饱和、权重尺度错误：每层输入重新变为均值 0、方差 1。
    ## 代价
    批次只有几个样本时噪声大，训练与评估不一致。没有跳跃连接时梯度仍随深度增长
    （20 层时为 30 倍）。旧的检查点不再适用。
    """

    treats = (
        "vanishing-gradient",
        "exploding-gradient",
        "bad-init-scale",
        "saturated-activation",
        "dead-units",
        "degradation",
        "inputs-not-normalised",
    )
    joins = ("relu", "residual", "higher-lr")
    written = "nn.BatchNorm1d(features) / nn.BatchNorm2d(channels)"

    def precondition(self, facts: Facts) -> Text | None:
        """A batch has a variance."""
        if facts.batch_size == 1:
            return Text("Batches hold one sample, which has no variance.", "批次只有一个样本，没有方差。")
        return super().precondition(facts)

    def norm(self, layer: nn.Module, features: int) -> nn.Module:
        """1d, 2d or 3d, as the layer is."""
        from torch import nn

        from unstuck.attach.layer_hooks import stretched

        return stretched(nn.BatchNorm1d)[type_of(layer)](features)

    def edit(self, draft: Draft) -> None:
        """Behind every hidden layer."""
        from unstuck.edits.layers import follow_layers
        from unstuck.edits.source import NoPatch

        for place in draft.facts.places:
            if place.role == "hidden" and place.kind == "Linear" and len(place.shape) != 2:
                raise NoPatch("A linear layer is applied to sequences.", "线性层作用在序列上。")
        follow_layers(draft, lambda place, size: f"BatchNorm{place.kind[-2] if place.kind.startswith('Conv') else 1}d({size})")


def type_of(layer: nn.Module) -> type[nn.Module]:
    """The torch layer that a layer is, or is a subclass of."""
    from unstuck.attach.layer_hooks import LAYERS

    return next(kind for kind in LAYERS if isinstance(layer, kind))
