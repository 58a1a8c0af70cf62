from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class Gelu(ActivationSwap):
    """Use GELU, a smooth relative of ReLU, in every hidden layer.

    ## What it changes
    Every hidden activation becomes z P(Z <= z) with Z standard normal. The output and gates stay as they are.
    ## When it helps
    Deep saturating networks, and units that die: its slope is exactly 0 at single points only (it reaches 1.129 at most).
    ## What it can cost
    Slower to compute than ReLU; it is not monotonic, which matters where the sign of an effect must be kept.
    """

    zh = """在每个隐藏层使用 GELU，ReLU 的光滑近亲。

    ## 改变什么
    每个隐藏层激活换成 z P(Z <= z)，Z 为标准正态。输出层和门控不变。
    ## 何时有效
    深层饱和网络，以及会死亡的单元：它的斜率只在个别点上为 0（最大为 1.129）。
    ## 代价
    比 ReLU 计算慢；它不单调，需要保持影响方向时要注意。
    """

    treats = ("dead-units", "vanishing-gradient", "saturated-activation")
    order = 24
    joins = ("he-init",)
    written = "nn.GELU()"

    def activation(self) -> nn.Module:
        """z P(Z <= z)."""
        from torch import nn

        return nn.GELU()
