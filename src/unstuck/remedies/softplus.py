from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class Softplus(ActivationSwap):
    """Use softplus, a ReLU without the corner, in every hidden layer.

    ## What it changes
    Every hidden activation becomes log(1 + exp(z)). The output and gates stay as they are.
    ## When it helps
    Dead units: its slope is sigmoid(z), small below zero but never exactly 0.
    ## What it can cost
    Its outputs are all positive with a mean far from zero (0.69 at z = 0), so the next layer's inputs are off-centre; ReLU usually does as
    well.
    """

    zh = """在每个隐藏层使用 softplus，没有拐角的 ReLU。

    ## 改变什么
    每个隐藏层激活换成 log(1 + exp(z))。输出层和门控不变。
    ## 何时有效
    死亡单元：它的斜率是 sigmoid(z)，负半轴很小但不会恰好为 0。
    ## 代价
    输出全为正，均值远离零（z = 0 时为 0.69），下一层的输入偏离中心；
    ReLU 通常同样好。
    """

    treats = ("dead-units",)
    order = 27
    joins = ("he-init",)
    written = "nn.Softplus()"

    def activation(self) -> nn.Module:
        """log(1 + exp(z))."""
        from torch import nn

        return nn.Softplus()
