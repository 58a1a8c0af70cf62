from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import PatchedLoss
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft


class CrossEntropy(PatchedLoss):
    """Train a classifier with cross-entropy instead of a squared error.

    ## What it changes
    A squared or absolute error between class scores and one-hot targets becomes the cross-entropy; between a sigmoid's output and targets
    0 and 1 it becomes the binary one. Errors written by hand are not reached.
    ## When it helps
    A sigmoid or softmax that is sure and wrong: the squared error's gradient carries the slope p(1 - p), which vanishes there;
    cross-entropy's is p - y.
    ## What it can cost
    It is harder on wrong labels. Loss values are not comparable with the old ones.
    """

    zh = """用交叉熵而不是平方误差训练分类器。

    ## 改变什么
    类别得分与 one-hot 目标之间的平方或绝对误差换成交叉熵；sigmoid 输出与 0/1 目标之间的
    换成二元交叉熵。手写的误差不受影响。
    ## 何时有效
    sigmoid 或 softmax 很自信却错了：平方误差的梯度带有斜率 p(1 - p)，在那里消失；
    交叉熵的梯度是 p - y。
    ## 代价
    对错误标签更敏感。损失数值与原来的不可比。
    """

    treats = ("loss-output-mismatch", "saturated-activation")
    order = 7
    patches = ("mse_loss", "l1_loss", "smooth_l1_loss")

    def precondition(self, facts: Facts) -> Text | None:
        """An error on classes."""
        if facts.loss is not None and facts.loss.kind not in ("mse", "l1", "smooth-l1", "unknown"):
            return Text(f"The loss is {facts.loss.kind}.", f"损失是 {facts.loss.kind}。")
        if facts.target is not None and facts.target.kind == "real":
            return Text("The targets are not classes.", "目标不是类别。")
        return None

    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """By what made the output: a softmax, a sigmoid, or nothing."""
        from torch.nn import functional

        from unstuck.attach.loss_patches import came_from, log_of, logit_of

        if output.shape != target.shape or rest.get("reduction", "mean") != "mean" or not bool(((target == 0) | (target == 1)).all()):
            return None
        one_hot = target.dim() == 2 and target.shape[1] > 1 and bool((target.sum(1) == 1).all())
        sigmoid = came_from(output, "Sigmoid")
        if one_hot:
            scores = log_of(output) if came_from(output, "Softmax") else logit_of(output) if sigmoid else output
            return functional.cross_entropy(scores, target.argmax(1))
        return functional.binary_cross_entropy(output, target.to(output.dtype)) if sigmoid else None

    def edit(self, draft: Draft) -> None:
        """Where the loss is made, and where the model ends."""
        from unstuck.edits.losses import to_cross_entropy

        to_cross_entropy(draft)

    def advice(self, facts: Facts) -> Text:
        """The new loss."""
        line = "nn.MSELoss()  ->  nn.CrossEntropyLoss()"
        return Text(f"{line} on logits and class numbers", f"{line}，用于 logits 和类别编号")
