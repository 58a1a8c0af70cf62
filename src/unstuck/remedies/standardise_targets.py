from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from typing import Any

    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: Losses whose gradient does not grow with the error.
ABSOLUTE = ("l1", "smooth-l1", "huber")


class StandardiseTargets(Remedy):
    """Learn regression targets in units of their own spread.

    ## What it changes
    The model learns (target - mean)/std; what it hands to the script is turned back into the script's units, so metrics stay comparable.
    ## When it helps
    Targets far from zero or of a large scale: the first errors are huge, and most of the training goes into moving one bias.
    ## What it can cost
    Nothing, if predictions are turned back. Mean and spread come from the first training batch.
    """

    zh = """以目标自身的离散程度为单位学习回归目标。

    ## 改变什么
    模型学习 (目标 - 均值)/标准差；交给脚本的输出会换回脚本的单位，因此指标仍可比较。
    ## 何时有效
    目标远离零或尺度很大：最初的误差巨大，训练的大部分花在移动一个偏置上。
    ## 代价
    只要把预测换算回来就没有代价。均值和离散程度来自第一个训练批次。
    """

    treats = ("targets-not-normalised", "non-finite")
    touches = "loss"
    order = 6

    def precondition(self, facts: Facts) -> Text | None:
        """The targets are real numbers."""
        if facts.target is not None and facts.target.kind not in ("real", "unknown"):
            return Text("The targets are classes.", "目标是类别。")
        return None

    def apply(self, training: Training) -> None:
        """Scale the output; take the statistics from the loader's first batch, else from the range that the watched run saw."""
        import torch

        from unstuck.attach.door_hooks import OutputScale
        from unstuck.attach.loader_patches import on_every_batch

        facts = training.facts
        kind = facts.loss.kind if facts is not None and facts.loss is not None else "mse"
        scale = training.memory[self.id] = OutputScale(0.0 if kind in ABSOLUTE else -1.0, training.failures)
        for root in training.models:
            training.on_undo(root.register_forward_hook(scale).remove)

        def see(batch: Any) -> None:
            if isinstance(batch, (tuple, list)) and len(batch) > 1 and isinstance(batch[-1], torch.Tensor) and torch.is_grad_enabled():
                scale.calibrate(batch[-1])

        on_every_batch(training, see)
        target = facts.target if facts is not None else None
        if target is not None and target.minimum is not None and target.maximum is not None:
            middle, std = (target.maximum + target.minimum) / 2, (target.maximum - target.minimum) / 12**0.5  # as if evenly spread
            scale.otherwise = (middle - std, middle + std)

    def in_force(self, training: Training) -> bool | None:
        """Outputs were scaled."""
        scale = training.memory.get(self.id)
        return scale is not None and scale.passed > 0

    def edit(self, draft: Draft) -> None:
        """In the training loss, and where predictions are made."""
        from unstuck.edits.targets import standardise_targets

        standardise_targets(draft)

    def advice(self, facts: Facts) -> Text:
        """The lines."""
        line = "y = (y - y_train.mean()) / y_train.std();  prediction = model(x) * y_train.std() + y_train.mean()"
        return Text(line, line)
