from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class SigmoidForSoftmax(Remedy):
    """A sigmoid in place of a softmax over a single output.

    ## What it changes
    A softmax over a dimension of size 1, which is always 1, becomes a sigmoid (a log-softmax its logarithm): in training and in validation.
    ## When it helps
    A binary classifier with one output and a softmax: whatever the network says, the answer is 1 and the gradient 0.
    ## What it can cost
    Attention over a single position, where the weight 1 is right, is changed as well.
    """

    zh = """用 sigmoid 代替对单个输出的 softmax。

    ## 改变什么
    在大小为 1 的维上的 softmax（恒为 1）换成 sigmoid（log-softmax 换成其对数），训练和验证都如此。
    ## 何时有效
    只有一个输出的二分类器末尾用了 softmax：无论网络说什么，答案都是 1，梯度为 0。
    ## 代价
    只有一个位置的注意力（权重本应为 1）也会被改变。
    """

    treats = ("loss-output-mismatch",)
    touches = "loss"
    moment = "start"
    order = 4

    def precondition(self, facts: Facts) -> Text | None:
        """One output, and a softmax."""
        loss = facts.loss
        if loss is not None and (loss.input_shape[1:] not in ((1,), ()) or not any("Softmax" in n for n in loss.signature)):
            return Text("No softmax over a single output comes before the loss.", "损失之前没有对单个输出的 softmax。")
        return None

    def apply(self, training: Training) -> None:
        """Before the script's first line."""
        from unstuck.attach.softmax_patches import patch_softmax

        def sigmoid(scores: torch.Tensor, dim: int, softmax: object, is_log: bool) -> torch.Tensor | None:
            import torch

            if not scores.dim() or scores.shape[dim] != 1:
                return None
            return torch.nn.functional.logsigmoid(scores) if is_log else torch.sigmoid(scores)

        training.memory[self.id] = patch_softmax(training, sigmoid)

    def in_force(self, training: Training) -> bool | None:
        """There was one."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the model ends."""
        from unstuck.edits.losses import sigmoid_for_softmax

        sigmoid_for_softmax(draft)

    def advice(self, facts: Facts) -> Text:
        """The layer."""
        return Text("nn.Softmax(dim=1)  ->  nn.Sigmoid()", "nn.Softmax(dim=1)  ->  nn.Sigmoid()")
