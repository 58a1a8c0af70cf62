from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import CannotApply
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class Residual(Remedy):
    """Add the input of every hidden layer of equal width to its output.

    ## What it changes
    A hidden linear or convolution layer whose input and output have one shape gives W x + b + x instead of W x + b, before its activation.
    ## When it helps
    Deep plain networks that train worse than shallow ones, or whose gradient shrinks: the Jacobian of such a layer is W + I.
    ## What it can cost
    With ReLU and He initialisation the signal grows with depth (a norm or smaller weights hold it). A sigmoid between the layers still
    shrinks the gradient. A layer that has a skip path already gets a second one.
    """

    zh = """把每个等宽隐藏层的输入加到它的输出上。

    ## 改变什么
    输入与输出形状相同的隐藏线性层或卷积层，在激活之前输出 W x + b + x，而不是 W x + b。
    ## 何时有效
    比浅层网络更差的深层普通网络，或梯度逐层缩小的网络：这种层的雅可比是 W + I。
    ## 代价
    配合 ReLU 和 He 初始化时信号随深度增长（用归一化或较小的权重抑制）。
    层间的 sigmoid 仍会使梯度缩小。已有跳跃路径的层会得到第二条。
    """

    treats = ("degradation", "vanishing-gradient")
    touches = "model"
    order = 35
    joins = ("relu", "he-init", "batch-norm")

    def precondition(self, facts: Facts) -> Text | None:
        """Two hidden layers of one width in a row are the least that has an equal-shape layer."""
        widths = [p.shape[1:] for p in facts.places if p.role == "hidden" and p.kind.startswith(("Linear", "Conv")) and len(p.shape) > 1]
        if widths and len(widths) == len(set(widths)):
            return Text("No two hidden layers have the same width.", "没有两个宽度相同的隐藏层。")
        return None

    def apply(self, training: Training) -> None:
        """One hook per layer."""
        from unstuck.attach.shortcuts import add_skips

        training.memory[self.id] = hooked = add_skips(training)
        if not hooked:
            raise CannotApply("No hidden layer has an input and an output of one shape.")

    def in_force(self, training: Training) -> bool | None:
        """Every layer still has the hook, and a batch passed one of them."""
        from unstuck.attach.shortcuts import skips_in_force

        return skips_in_force(training.memory.get(self.id, []))

    def edit(self, draft: Draft) -> None:
        """Where the layers are called, or made."""
        from unstuck.edits.blocks import add_inputs

        add_inputs(draft)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        return Text("x = act(layer(x))  ->  x = act(layer(x) + x)", "x = act(layer(x))  ->  x = act(layer(x) + x)")
