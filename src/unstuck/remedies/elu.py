from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class Elu(ActivationSwap):
    """Use ELU, which is smooth and goes down to -1, in every hidden layer.

    ## What it changes
    Every hidden activation becomes z for z > 0 and exp(z) - 1 below. The output and gates stay as they are.
    ## When it helps
    Dead units, and layers whose outputs are all positive: ELU's mean is nearer to zero, and its slope below zero is exp(z), never exactly
    0.
    ## What it can cost
    An exponential per unit; far below zero it saturates, so very large negative inputs learn slowly again.
    """

    zh = """在每个隐藏层使用 ELU：光滑，下界为 -1。

    ## 改变什么
    每个隐藏层激活在 z > 0 时为 z，否则为 exp(z) - 1。输出层和门控不变。
    ## 何时有效
    死亡单元，以及输出全为正的层：ELU 的均值更接近零，负半轴斜率为 exp(z)，不会恰好为 0。
    ## 代价
    每个单元多算一次指数；远小于零时会饱和，很大的负输入又学得慢。
    """

    treats = ("dead-units", "vanishing-gradient", "saturated-activation")
    order = 23
    joins = ("he-init",)
    written = "nn.ELU()"

    def activation(self) -> nn.Module:
        """z, or exp(z) - 1 below zero."""
        from torch import nn

        return nn.ELU()
