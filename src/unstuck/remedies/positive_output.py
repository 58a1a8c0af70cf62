from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: Operations that are not defined below zero, as autograd calls them.
ABOVE_ZERO = frozenset(("log", "log2", "log10", "sqrt", "rsqrt", "pow"))


class PositiveOutput(Remedy):
    """Put a softplus behind the linear output layer, so that the model answers with positive numbers only.

    ## What it changes
    The output z of the last linear layer becomes log(1 + exp(z)), in training and in validation: close to z where it is large, above 0 everywhere.
    ## When it helps
    A rate, a scale or a variance of which the loss takes a logarithm or a root: a Poisson likelihood on raw outputs is not finite from the first
    negative one on.
    ## What it can cost
    Targets below zero can no longer be met. Where the loss takes logits or a log rate, it is wrong.
    """

    zh = """在线性输出层之后加上 softplus，使模型只输出正数。

    ## 改变什么
    最后一个线性层的输出 z 变为 log(1 + exp(z))，训练与验证相同：z 大时接近 z，且处处大于 0。
    ## 何时有效
    损失要对速率、尺度或方差取对数或开方：直接用原始输出计算泊松似然，从第一个负值起就不再有限。
    ## 代价
    负的目标无法再拟合。若损失接受的是 logit 或对数速率，则是错误的。
    """

    treats = ("non-finite",)
    touches = "model"
    order = 3

    def precondition(self, facts: Facts) -> Text | None:
        """The first number that was not finite came of such an operation, and no target is negative."""
        operation = facts.notes.get("nonfinite.operation")
        if facts.places and operation not in ABOVE_ZERO:
            return Text("No logarithm or root was the first to leave the finite numbers.", "最先离开有限数的不是对数或开方。")
        if facts.target is not None and facts.target.minimum is not None and facts.target.minimum < 0:
            return Text("There are targets below zero.", "存在负的目标。")
        return None

    def apply(self, training: Training) -> None:
        """Hang one on every linear output layer."""
        from unstuck.attach.layer_hooks import hang, output_layers

        training.memory[self.id] = hang(training, [*output_layers(training)], "_unstuck_activation", self.activation)

    @staticmethod
    def activation(layer: nn.Module, features: int) -> nn.Module:
        """log(1 + exp(z)), whatever the layer."""
        from torch import nn

        return nn.Softplus()

    def in_force(self, training: Training) -> bool | None:
        """The activations are there, and batches passed them."""
        hung = training.memory.get(self.id)
        return hung is not None and bool(hung.in_force())

    def edit(self, draft: Draft) -> None:
        """Behind the output layer."""
        from unstuck.edits.layers import follow_output

        follow_output(draft, "Softplus()")

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "return self.out(h)  ->  return nn.functional.softplus(self.out(h))"
        return Text(line, line)
