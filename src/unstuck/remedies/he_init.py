from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import Reinitialise
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft


class HeInit(Reinitialise):
    """Draw new starting weights with variance 2/fan_in, which keeps the signal's scale through ReLU layers.

    ## What it changes
    Every linear and convolution weight is drawn anew, N(0, 2/fan_in); biases are 0. So is a bare weight matrix whose
    units are all alike. Tied weights and recurrent layers stay as they are.
    ## When it helps
    Deep ReLU networks: PyTorch's own linear layers start with variance 1/(3 fan_in), which loses a factor of 6 per layer. Weights that were
    set too large, too small, or all equal.
    ## What it can cost
    Pretrained weights are lost. With sigmoid or tanh layers it is too large and saturates them; use Xavier there.
    """

    zh = """以方差 2/fan_in 重新抽取初始权重，使信号通过 ReLU 层时尺度不变。

    ## 改变什么
    每个线性层和卷积层的权重按 N(0, 2/fan_in) 重新抽取，偏置为 0。
    各单元完全相同的裸权重矩阵也是如此。共享权重和循环层不变。
    ## 何时有效
    深层 ReLU 网络：PyTorch 线性层的默认方差是 1/(3 fan_in)，每层损失 6 倍。
    权重被设得太大、太小或全部相等时也有效。
    ## 代价
    预训练权重会丢失。对 sigmoid 或 tanh 层来说太大，会使其饱和；那里用 Xavier。
    """

    treats = ("vanishing-gradient", "exploding-gradient", "bad-init-scale", "symmetric-init", "dead-units", "non-finite", "degradation")
    order = 10
    joins = ("relu", "leaky-relu", "elu", "gelu")

    def fill(self, weight: torch.Tensor, generator: torch.Generator) -> None:
        """He, Zhang, Ren, Sun 2015, "Delving Deep into Rectifiers", eq. 10."""
        from torch import nn

        nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)

    def edit(self, draft: Draft) -> None:
        """Behind the line that builds the model."""
        from unstuck.edits.starts import start_from

        start_from(draft, 'kaiming_normal_({}, nonlinearity="relu")')

    def advice(self, facts: Facts) -> Text:
        """The line for every layer."""
        line = 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu"); nn.init.zeros_(layer.bias)'
        return Text(f"for every linear and convolution layer: {line}", f"对每个线性层和卷积层：{line}")
