from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class LeakyRelu(ActivationSwap):
    """Use leaky ReLU, which keeps a small slope below zero, in every hidden layer.

    ## What it changes
    Every hidden activation becomes max(z, 0.01 z). The output and gates stay as they are.
    ## When it helps
    Units that give zero for every sample: with slope 0.01 below zero a gradient still reaches their weights and can lift them.
    ## What it can cost
    Outputs are no longer exactly zero, so nothing is sparse; with slope 0.01 a dead unit comes back slowly.
    """

    zh = """在每个隐藏层使用 leaky ReLU，负半轴保留很小的斜率。

    ## 改变什么
    每个隐藏层激活换成 max(z, 0.01 z)。输出层和门控不变。
    ## 何时有效
    对所有样本都输出零的单元：负半轴斜率为 0.01，梯度仍能到达其权重并把它拉回来。
    ## 代价
    输出不再恰好为零，因此不稀疏；斜率只有 0.01，死亡单元恢复得慢。
    """

    treats = ("dead-units", "vanishing-gradient", "saturated-activation")
    order = 21
    joins = ("he-init", "lower-lr")
    written = "nn.LeakyReLU(0.01)"

    def activation(self) -> nn.Module:
        """max(z, 0.01 z)."""
        from torch import nn

        return nn.LeakyReLU(0.01)
