from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import PatchedLoss
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class MatchTargetShape(PatchedLoss):
    """Give the output the shape of the targets before they are compared.

    ## What it changes
    In `mse_loss`, `l1_loss`, `smooth_l1_loss` and `huber_loss`, and where the script itself subtracts one from the other, outputs [N, 1]
    against targets [N] (or the other way) are brought to one shape.
    ## When it helps
    Outputs [N, 1] and targets [N] broadcast to [N, N]: every prediction is compared with every target, and the best answer is the mean.
    ## What it can cost
    Nothing: equal shapes are not touched.
    """

    zh = """比较之前把输出变为目标的形状。

    ## 改变什么
    在 `mse_loss`、`l1_loss`、`smooth_l1_loss` 和 `huber_loss` 中，以及脚本自己把两者相减之处，
    [N, 1] 的输出与 [N] 的目标（或相反）变为同一形状。
    ## 何时有效
    [N, 1] 的输出与 [N] 的目标会广播成 [N, N]：每个预测与每个目标比较，最好的答案就是均值。
    ## 代价
    没有：形状相同的不会被触动。
    """

    treats = ("loss-output-mismatch",)
    safe = True
    patches = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")

    def apply(self, training: Training) -> None:
        """Patch the functions, and differences."""
        from unstuck.attach.loss_patches import match_differences

        super().apply(training)
        match_differences(training, training.memory[self.id])

    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """Same number of elements, other shape."""
        import torch

        if output.shape == target.shape or output.numel() != target.numel():
            return None
        return torch.as_tensor(loss(output.reshape(target.shape), target, **rest))

    def precondition(self, facts: Facts) -> Text | None:
        """The shapes differ."""
        if facts.loss is not None and facts.loss.kind not in ("mse", "l1", "smooth-l1", "huber", "unknown"):
            return Text(f"The loss is {facts.loss.kind}, which does not broadcast.", f"损失是 {facts.loss.kind}，不会广播。")
        if facts.loss is not None and facts.loss.input_shape and facts.loss.input_shape == facts.loss.target_shape:
            return Text("Outputs and targets have the same shape.", "输出与目标形状相同。")
        return None

    def edit(self, draft: Draft) -> None:
        """Where the loss is called."""
        from unstuck.edits.losses import match_shapes

        match_shapes(draft)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        return Text("loss(output, y)  ->  loss(output.squeeze(1), y)", "loss(output, y)  ->  loss(output.squeeze(1), y)")
