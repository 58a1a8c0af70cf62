from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import Reinitialise
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft


class XavierInit(Reinitialise):
    """Draw new starting weights with variance 2/(fan_in + fan_out), which suits tanh and linear layers.

    ## What it changes
    Every linear and convolution weight, and the input weights of recurrent layers, are drawn anew within +-sqrt(6/(fan_in + fan_out));
    biases are 0; recurrent weights become orthogonal. So is a bare weight matrix whose units are all alike.
    ## When it helps
    tanh and linear layers whose weights start too small, too large or all equal: forward and backward scales are kept as well as both can
    be.
    ## What it can cost
    Pretrained weights are lost. Through many ReLU layers the signal still halves per layer (use He), through sigmoids the gradient still
    shrinks.
    """

    zh = """以方差 2/(fan_in + fan_out) 重新抽取初始权重，适合 tanh 和线性层。

    ## 改变什么
    每个线性层和卷积层的权重，以及循环层的输入权重，在 +-sqrt(6/(fan_in + fan_out))
    内重新抽取；偏置为 0；循环权重变为正交矩阵。
    各单元完全相同的裸权重矩阵也重新抽取。
    ## 何时有效
    tanh 和线性层的权重太小、太大或全部相等：前向和反向的尺度都尽量保持。
    ## 代价
    预训练权重会丢失。经过许多 ReLU 层时信号每层仍减半（用 He）；
    经过 sigmoid 时梯度仍然缩小。
    """

    treats = ("vanishing-gradient", "exploding-gradient", "bad-init-scale", "symmetric-init", "saturated-activation", "non-finite")
    order = 11
    joins = ("tanh", "batch-norm")

    def fill(self, weight: torch.Tensor, generator: torch.Generator) -> None:
        """Glorot, Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", eq. 16."""
        from torch import nn

        nn.init.xavier_uniform_(weight, generator=generator)

    def recurrent(self, weight: torch.Tensor, generator: torch.Generator) -> bool:
        """A square weight carries the state on: orthogonal, so that it neither grows nor shrinks."""
        from torch import nn

        (nn.init.orthogonal_ if weight.shape[0] == weight.shape[1] else nn.init.xavier_uniform_)(weight, generator=generator)
        return True

    def edit(self, draft: Draft) -> None:
        """Behind the line that builds the model."""
        from unstuck.edits.starts import start_from

        square = "({nn}init.orthogonal_ if gate.shape[0] == gate.shape[1] else {nn}init.xavier_uniform_)(gate)"
        start_from(draft, "xavier_uniform_({})", recurrent=[square])

    def advice(self, facts: Facts) -> Text:
        """The line for every layer."""
        line = "nn.init.xavier_uniform_(layer.weight); nn.init.zeros_(layer.bias)"
        return Text(f"for every linear and convolution layer: {line}", f"对每个线性层和卷积层：{line}")
