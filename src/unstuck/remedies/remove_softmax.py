from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import PatchedLoss
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft


class RemoveSoftmax(PatchedLoss):
    """Hand the cross-entropy logits instead of probabilities.

    ## What it changes
    Where what enters `cross_entropy` or `nll_loss` came out of a softmax, its logarithm is handed over: the loss is then that of the
    logits. The model's own output stays a distribution.
    ## When it helps
    Softmax before CrossEntropyLoss, which applies its own: the loss cannot fall below 1.46 for ten classes, and its gradient is squeezed
    twice. NLLLoss on probabilities instead of log-probabilities.
    ## What it can cost
    Nothing: a loss that gets logits is not touched.
    """

    zh = """交给交叉熵的是 logits，而不是概率。

    ## 改变什么
    进入 `cross_entropy` 或 `nll_loss` 的数值来自 softmax 时，改交它的对数：
    损失就等于 logits 的损失。模型自己的输出仍是分布。
    ## 何时有效
    CrossEntropyLoss 自带 softmax，之前又加了一个：十类时损失降不到 1.46 以下，
    梯度被压缩两次。也适用于 NLLLoss 拿到概率而不是对数概率。
    ## 代价
    没有：拿到 logits 的损失不会被触动。
    """

    treats = ("loss-output-mismatch",)
    safe = True
    patches = ("cross_entropy", "nll_loss")

    def precondition(self, facts: Facts) -> Text | None:
        """Softmax and loss meet."""
        if facts.loss is not None and facts.loss.signature and "SoftmaxBackward0" not in facts.loss.signature:
            return Text("No softmax comes before the loss.", "损失之前没有 softmax。")
        return None

    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """log(softmax(z)) is z less one number per row, which the loss's own softmax does not see."""
        import torch

        from unstuck.attach.loss_patches import came_from, log_of

        return torch.as_tensor(loss(log_of(output), target, **rest)) if came_from(output, "Softmax") else None

    def edit(self, draft: Draft) -> None:
        """Where the model ends."""
        from unstuck.edits.losses import without_softmax

        without_softmax(draft)

    def advice(self, facts: Facts) -> Text:
        """Delete the layer."""
        return Text("delete the softmax at the end of the model (argmax stays the same)", "删除模型末尾的 softmax（argmax 不变）")
