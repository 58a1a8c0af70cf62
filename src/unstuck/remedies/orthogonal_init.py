from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import Reinitialise, hidden_activations
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class OrthogonalInit(Reinitialise):
    """Draw new starting weights as orthogonal matrices, which keep the length of every signal.

    ## What it changes
    Every linear, convolution and recurrent weight becomes a random orthogonal matrix (gate by gate), times sqrt(2) where the hidden
    activations are ReLU-like; biases of linear and convolution layers are 0. So does a bare weight matrix whose units are all
    alike.
    ## When it helps
    Very deep plain networks and recurrent ones: all singular values are 1, so a product of many does not grow or shrink in any direction.
    ## What it can cost
    Pretrained weights are lost. Wide layers take longer to initialise. Where the activation saturates, the gradient shrinks all the same.
    """

    zh = """把初始权重抽取为正交矩阵，信号长度保持不变。

    ## 改变什么
    每个线性层、卷积层和循环层的权重变为随机正交矩阵（逐门处理）；隐藏层激活类似 ReLU
    时乘以 sqrt(2)；线性层和卷积层的偏置为 0。
    各单元完全相同的裸权重矩阵也是如此。
    ## 何时有效
    很深的普通网络和循环网络：所有奇异值都是 1，多个矩阵的乘积在任何方向上都不增不减。
    ## 代价
    预训练权重会丢失。很宽的层初始化较慢。激活饱和时梯度照样缩小。
    """

    treats = ("exploding-gradient", "long-range-dependency", "vanishing-gradient", "bad-init-scale", "symmetric-init", "degradation")
    order = 12
    joins = ("tanh", "relu")

    def fill(self, weight: torch.Tensor, generator: torch.Generator) -> None:
        """Saxe, McClelland, Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks"."""
        from torch import nn

        nn.init.orthogonal_(weight, generator=generator)

    def recurrent(self, weight: torch.Tensor, generator: torch.Generator) -> bool:
        """Gate by gate, gain 1: a state passes it many times."""
        self.fill(weight, generator)
        return True

    def apply(self, training: Training) -> None:
        """Draw, then scale for ReLU-like layers."""
        super().apply(training)
        if rectified(training):
            import torch

            from unstuck.attach.layer_hooks import hidden_layers
            from unstuck.attach.starting_weights import Start

            with torch.no_grad():
                for layer in hidden_layers(training).values():
                    layer.weight.mul_(2**0.5)  # type: ignore[operator]
            start: Start = training.memory[self.id]
            start.weights = [(w, float(w.detach().double().sum())) for w, _ in start.weights]

    def edit(self, draft: Draft) -> None:
        """Behind the line that builds the model; gain sqrt(2) for ReLU-like layers."""
        from unstuck.edits.starts import start_from

        relu = any("relu" in p.kind.lower() for p in hidden_activations(draft.facts))
        start_from(draft, "orthogonal_({}, gain=2**0.5)" if relu else "orthogonal_({})", recurrent=["{nn}init.orthogonal_(gate)"])

    def advice(self, facts: Facts) -> Text:
        """The line for every layer."""
        line = "nn.init.orthogonal_(layer.weight, gain=2 ** 0.5)  # gain 1 for tanh"
        return Text(f"for every layer: {line}", f"对每一层：{line}")


def rectified(training: Training) -> bool:
    """Hidden activations are ReLU-like: half of the signal's power is lost in each."""
    if training.facts is not None and hidden_activations(training.facts):
        return any("relu" in p.kind.lower() for p in hidden_activations(training.facts))
    return any("ReLU" in type(m).__name__ for root in training.models for m in root.modules())
