from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import activations, at_line
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: Losses that need a number between 0 and 1, or a distribution, from the model itself.
BOUNDED_LOSSES = ("bce", "nll", "kl-div")


class LinearOutput(Remedy):
    """Take the activation off the model's output.

    ## What it changes
    An element-wise activation with no weights behind it (relu, tanh, sigmoid on the output) becomes the identity.
    ## When it helps
    Targets that leave the activation's range: a ReLU can give no negative number, a tanh nothing beyond 1, and both stop learning there.
    Logits for a cross-entropy.
    ## What it can cost
    Outputs are no longer bounded; a script that reads them as probabilities must apply the sigmoid itself.
    """

    zh = """去掉模型输出上的激活函数。

    ## 改变什么
    其后没有权重的逐元素激活（输出上的 relu、tanh、sigmoid）变为恒等函数。
    ## 何时有效
    目标超出激活的值域：ReLU 给不出负数，tanh 给不出大于 1 的数，到了那里两者都停止学习。
    也适用于交叉熵需要的 logits。
    ## 代价
    输出不再有界；把输出当概率用的脚本必须自己加 sigmoid。
    """

    treats = ("loss-output-mismatch", "saturated-activation")
    touches = "model"
    order = 9
    joins = ("standardise-targets",)

    def precondition(self, facts: Facts) -> Text | None:
        """There is an output activation, and the loss does not need it."""
        if facts.places and not activations(facts, "output"):
            return Text("The output has no activation.", "输出没有激活函数。")
        if facts.loss is not None and facts.loss.kind in BOUNDED_LOSSES:
            return Text(f"The loss ({facts.loss.kind}) needs a bounded output.", f"损失（{facts.loss.kind}）需要有界的输出。")
        return None

    def apply(self, training: Training) -> None:
        """Modules and function calls."""
        from torch import nn

        from unstuck.attach.activation_swap import rewrite

        training.memory[self.id] = rewrite(training, "output", nn.Identity)

    def in_force(self, training: Training) -> bool | None:
        """The identity is still there."""
        swap = training.memory.get(self.id)
        return swap is not None and bool(swap.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the model ends."""
        from unstuck.edits.activations import output_activation, take_off

        kinds = {p.kind.removeprefix("functional ") for p in activations(draft.facts, "output")}
        take_off(draft, output_activation(draft, tuple(kinds)))

    def advice(self, facts: Facts) -> Text:
        """Which activation."""
        found = activations(facts, "output")
        what = f"{found[0].kind}{at_line(found[0])}" if found else "activation"
        return Text(f"delete the {what} on the output", f"删除输出上的 {what}")
