from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import ActivationSwap

if TYPE_CHECKING:
    import torch
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class Selu(ActivationSwap):
    """Use SELU with LeCun initialisation, which keeps mean 0 and variance 1 from layer to layer.

    ## What it changes
    Every hidden activation becomes SELU, and every linear and convolution weight is drawn anew with variance 1/fan_in, biases 0.
    ## When it helps
    Deep plain networks of linear layers without norms, on standardised inputs: activations stay near mean 0 and variance 1 by themselves.
    ## What it can cost
    The guarantee holds for plain dense networks only; with skip connections, ordinary dropout or unscaled inputs it is just another ELU.
    """

    zh = """使用 SELU 和 LeCun 初始化，使各层保持均值 0、方差 1。

    ## 改变什么
    每个隐藏层激活换成 SELU，所有线性层和卷积层的权重按方差 1/fan_in 重新抽取，偏置为 0。
    ## 何时有效
    没有归一化层的深层全连接网络，且输入已标准化：激活值自动保持在均值 0、方差 1 附近。
    ## 代价
    这一保证只对普通全连接网络成立；有跳跃连接、普通 dropout 或未缩放的输入时，
    它只是另一种 ELU。
    """

    treats = ("vanishing-gradient", "saturated-activation", "dead-units")
    order = 22
    written = "nn.SELU() with LeCun initialisation"

    def activation(self) -> nn.Module:
        """1.0507 z, or 1.7581 (exp(z) - 1) below zero."""
        from torch import nn

        return nn.SELU()

    def apply(self, training: Training) -> None:
        """Swap, then draw the weights that belong to it."""
        from unstuck.attach.starting_weights import reinitialise

        super().apply(training)
        training.memory[f"{self.id}.start"] = reinitialise(training, lecun_normal, lambda weight, generator: False)

    def edit(self, draft: Draft) -> None:
        """The swap, then the weights that belong to it."""
        from unstuck.edits.activations import swap_activations
        from unstuck.edits.starts import start_from

        swap_activations(draft, "nn.SELU()")
        start_from(draft, 'kaiming_normal_({}, nonlinearity="linear")')

    def in_force(self, training: Training) -> bool | None:
        """The swap holds, and training began from the new weights."""
        return bool(super().in_force(training)) and training.memory[f"{self.id}.start"].in_force() is not False


def lecun_normal(weight: torch.Tensor, generator: torch.Generator) -> None:
    """Normal with variance 1/fan_in (Klambauer, Unterthiner, Mayr, Hochreiter 2017, "Self-Normalizing Neural Networks")."""
    from torch import nn

    nn.init.kaiming_normal_(weight, nonlinearity="linear", generator=generator)
