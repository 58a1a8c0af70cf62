from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class SoftmaxOverClasses(Remedy):
    """Let the softmax in front of the loss run over the classes, not over the batch.

    ## What it changes
    A softmax or log-softmax over dimension 0 of scores [N, C], with as many columns as the loss is given, runs over dimension 1: in
    training and in validation.
    ## When it helps
    `softmax(dim=0)` in a classifier: what a sample is given depends on the others in its batch, and alone it is always sure.
    ## What it can cost
    Nothing in a classifier. Weights over the samples of a batch that are meant as such are changed.
    """

    zh = """让损失之前的 softmax 作用于类别，而不是批次。

    ## 改变什么
    对得分 [N, C]（列数与损失所收到的相同）在第 0 维上的 softmax 或 log-softmax，改为在第 1 维上，
    训练和验证都如此。
    ## 何时有效
    分类器里写了 `softmax(dim=0)`：一个样本的输出取决于同批的其他样本，单独一个时总是十分肯定。
    ## 代价
    对分类器没有代价。有意对批次中的样本加权的 softmax 会被改变。
    """

    treats = ("loss-output-mismatch",)
    touches = "loss"
    moment = "start"
    order = 4

    def precondition(self, facts: Facts) -> Text | None:
        """It was seen to run over the batch."""
        dims = facts.notes.get("loss.softmax_dims")
        if facts.loss is not None and not (isinstance(dims, list) and any(d in (0, -2) for d in dims)):
            return Text("No softmax over the batch comes before the loss.", "损失之前没有作用于批次的 softmax。")
        return None

    def apply(self, training: Training) -> None:
        """Before the script's first line."""
        from unstuck.attach.softmax_patches import patch_softmax

        loss = training.facts.loss if training.facts is not None else None
        columns = loss.input_shape[-1] if loss is not None and loss.input_shape else None

        def over_classes(scores: torch.Tensor, dim: int, softmax: object, is_log: bool) -> torch.Tensor | None:
            if dim not in (0, -2) or scores.dim() != 2 or (columns is not None and scores.shape[1] != columns):
                return None
            return scores.log_softmax(1) if is_log else scores.softmax(1)

        training.memory[self.id] = patch_softmax(training, over_classes)

    def in_force(self, training: Training) -> bool | None:
        """One was turned."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """The dimension, where it is written."""
        from unstuck.edits.losses import softmax_over_classes

        softmax_over_classes(draft)

    def advice(self, facts: Facts) -> Text:
        """The argument."""
        return Text("softmax(..., dim=0)  ->  softmax(..., dim=1)", "softmax(..., dim=0)  ->  softmax(..., dim=1)")
