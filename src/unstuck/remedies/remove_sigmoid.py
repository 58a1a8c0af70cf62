from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import PatchedLoss
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft


class RemoveSigmoid(PatchedLoss):
    """Hand BCE-with-logits (and the cross-entropy) logits instead of the sigmoid of them.

    ## What it changes
    Where what enters `binary_cross_entropy_with_logits` or `cross_entropy` came out of a sigmoid, its logit is handed over. The model's
    own output stays between 0 and 1.
    ## When it helps
    A sigmoid before BCEWithLogitsLoss, which applies its own: probabilities can only lie between 0.5 and 0.73, and the gradient is
    squeezed twice.
    ## What it can cost
    Nothing: a loss that gets logits is not touched.
    """

    zh = """交给 BCE-with-logits（以及交叉熵）的是 logits，而不是它们的 sigmoid。

    ## 改变什么
    进入 `binary_cross_entropy_with_logits` 或 `cross_entropy` 的数值来自 sigmoid 时，
    改交它的 logit。模型自己的输出仍在 0 和 1 之间。
    ## 何时有效
    BCEWithLogitsLoss 自带 sigmoid，之前又加了一个：概率只能在 0.5 到 0.73 之间，
    梯度被压缩两次。
    ## 代价
    没有：拿到 logits 的损失不会被触动。
    """

    treats = ("loss-output-mismatch",)
    safe = True
    patches = ("binary_cross_entropy_with_logits", "cross_entropy")

    def precondition(self, facts: Facts) -> Text | None:
        """Sigmoid and loss meet."""
        if facts.loss is not None and facts.loss.signature and "SigmoidBackward0" not in facts.loss.signature:
            return Text("No sigmoid comes before the loss.", "损失之前没有 sigmoid。")
        return None

    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """logit(sigmoid(z)) = z."""
        import torch

        from unstuck.attach.loss_patches import came_from, logit_of

        return torch.as_tensor(loss(logit_of(output), target, **rest)) if came_from(output, "Sigmoid") else None

    def edit(self, draft: Draft) -> None:
        """Where the model ends, and where its output is turned into answers."""
        from unstuck.edits.losses import without_sigmoid

        without_sigmoid(draft)

    def advice(self, facts: Facts) -> Text:
        """Delete the layer."""
        line = "delete the sigmoid at the end of the model; predict with output > 0"
        return Text(line, "删除模型末尾的 sigmoid；用 output > 0 预测")
