from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import CannotApply, hidden_activations
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class InsertActivation(Remedy):
    """Put a ReLU behind every hidden layer of a model that has no activation at all.

    ## What it changes
    Every hidden linear or convolution layer gives max(W x + b, 0) instead of W x + b.
    ## When it helps
    Linear layers stacked with nothing between: together they are one linear layer, however many there are.
    ## What it can cost
    Nothing where the activation was forgotten. A model that is linear on purpose is changed.
    """

    zh = """模型完全没有激活函数时，在每个隐藏层之后加 ReLU。

    ## 改变什么
    每个隐藏线性层或卷积层输出 max(W x + b, 0)，而不是 W x + b。
    ## 何时有效
    线性层之间什么也没有：不论堆多少层，合起来只是一个线性层。
    ## 代价
    忘了写激活函数时没有代价。有意设计成线性的模型会被改变。
    """

    treats = ("missing-nonlinearity", "underfitting")
    touches = "model"
    order = 5
    joins = ("he-init",)

    def precondition(self, facts: Facts) -> Text | None:
        """There is no hidden activation yet."""
        if hidden_activations(facts):
            return Text("There are hidden activations already.", "已经有隐藏层激活函数。")
        return None

    def apply(self, training: Training) -> None:
        """Hang one on every hidden layer."""
        from torch import nn

        from unstuck.attach.activation_swap import is_activation
        from unstuck.attach.layer_hooks import hang, hidden_layers

        targets = list(hidden_layers(training).values())
        recurrent = any(isinstance(m, (nn.RNNBase, nn.RNNCellBase)) for m in training.modules().values())
        if recurrent or sum(is_activation(m) for m in training.modules().values()) > 1:
            raise CannotApply("The model has hidden activations already.")
        training.memory[self.id] = hang(training, targets, "_unstuck_activation", self.activation)

    @staticmethod
    def activation(layer: nn.Module, features: int) -> nn.Module:
        """max(z, 0), whatever the layer."""
        from torch import nn

        return nn.ReLU()

    def in_force(self, training: Training) -> bool | None:
        """The activations are there, and batches passed them."""
        hung = training.memory.get(self.id)
        return hung is not None and bool(hung.in_force())

    def edit(self, draft: Draft) -> None:
        """Behind every hidden layer."""
        from unstuck.edits.layers import follow_layers

        follow_layers(draft, lambda place, size: "ReLU()")

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "x = layer(x)  ->  x = torch.relu(layer(x))"
        return Text(f"{line}, for every hidden layer", f"{line}，每个隐藏层")
