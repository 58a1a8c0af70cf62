from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class Prelu(ActivationSwap):
    """Use PReLU, whose slope below zero is learned, in every hidden layer.

    ## What it changes
    Every hidden activation becomes max(z, 0) + a min(z, 0); a starts at 0.25 and is trained. Each module has its own a; all function calls
    of one model share one.
    ## When it helps
    Dead units, where leaky ReLU's fixed 0.01 is too small to lift them in the time there is.
    ## What it can cost
    A few more parameters; weight decay pulls a towards 0, that is, back to ReLU.
    """

    zh = """在每个隐藏层使用 PReLU，负半轴斜率由训练得到。

    ## 改变什么
    每个隐藏层激活换成 max(z, 0) + a min(z, 0)；a 从 0.25 开始并参与训练。
    每个模块有自己的 a；同一模型的所有函数调用共用一个。
    ## 何时有效
    死亡单元，而 leaky ReLU 固定的 0.01 太小，来不及把它们拉回来。
    ## 代价
    多几个参数；权重衰减会把 a 拉向 0，也就是退回 ReLU。
    """

    treats = ("dead-units", "vanishing-gradient", "saturated-activation")
    order = 26
    joins = ("he-init",)
    written = "nn.PReLU()"

    def activation(self) -> nn.Module:
        """max(z, 0) + a min(z, 0)."""
        from torch import nn

        return nn.PReLU()
