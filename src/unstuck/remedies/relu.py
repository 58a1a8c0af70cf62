from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    from torch import nn


class Relu(ActivationSwap):
    """Use ReLU in every hidden layer.

    ## What it changes
    Every hidden activation, module or function call, becomes relu(z) = max(z, 0). The output and gates stay as they are.
    ## When it helps
    Deep sigmoid or tanh networks whose gradient shrinks: relu' is 1 where the unit is on, sigmoid' is never above 0.25. Weights that were
    drawn for a sigmoid are too small for it, so it is tried together with He initialisation.
    ## What it can cost
    Units that fall silent for every sample do not come back; activations have no upper bound, so weights that are too large explode.
    """

    zh = """在每个隐藏层使用 ReLU。

    ## 改变什么
    每个隐藏层激活（模块或函数调用）都换成 relu(z) = max(z, 0)。输出层和门控不变。
    ## 何时有效
    梯度逐层缩小的深层 sigmoid 或 tanh 网络：单元激活时 relu' 等于 1，而 sigmoid'
    不超过 0.25。为 sigmoid 抽取的权重对它来说太小，因此与 He 初始化一起尝试。
    ## 代价
    对所有样本都沉默的单元不会恢复；激活值没有上界，权重过大时会爆炸。
    """

    treats = ("vanishing-gradient", "saturated-activation")
    joins = ("he-init", "batch-norm")
    written = "nn.ReLU()"

    def activation(self) -> nn.Module:
        """max(z, 0)."""
        from torch import nn

        return nn.ReLU()
