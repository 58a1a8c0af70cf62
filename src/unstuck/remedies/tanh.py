from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class Tanh(ActivationSwap):
    """Use tanh in every hidden layer.

    ## What it changes
    Every hidden activation becomes tanh(z). The output and gates stay as they are.
    ## When it helps
    Sigmoid layers: tanh is centred, and its slope reaches 1 instead of 0.25. Unbounded activations that explode: it keeps them within (-1,
    1). It needs Xavier initialisation to keep the scale from layer to layer.
    ## What it can cost
    It saturates at both ends like the sigmoid; in deep networks it shrinks gradients more than ReLU.
    """

    zh = """在每个隐藏层使用 tanh。

    ## 改变什么
    每个隐藏层激活换成 tanh(z)。输出层和门控不变。
    ## 何时有效
    sigmoid 层：tanh 以零为中心，斜率最大为 1 而不是 0.25。会爆炸的无界激活：
    它把数值限制在 (-1, 1) 内。需要 Xavier 初始化来保持各层的尺度。
    ## 代价
    它和 sigmoid 一样在两端饱和；在深层网络中比 ReLU 更容易使梯度缩小。
    """

    treats = ("exploding-gradient", "vanishing-gradient", "saturated-activation")
    order = 28
    joins = ("xavier-init",)
    written = "nn.Tanh()"

    def activation(self) -> nn.Module:
        """tanh(z)."""
        from torch import nn

        return nn.Tanh()
