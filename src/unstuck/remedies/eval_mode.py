from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class EvalMode(Remedy):
    """Validate in eval mode where the script forgot to.

    ## What it changes
    A pass without gradients is made in eval mode; afterwards every module has its own mode again.
    ## When it helps
    Validation with dropout on and batch statistics: scores are too low and differ from call to call, and batch norm learns from validation
    data.
    ## What it can cost
    Dropout that is left on for validation on purpose (Monte Carlo dropout) is switched off. Validation with gradients on is not recognised.
    """

    zh = """脚本忘了切到评估模式时，在评估模式下验证。

    ## 改变什么
    不带梯度的计算在评估模式下进行；之后每个模块恢复自己的模式。
    ## 何时有效
    验证时 dropout 开着、批归一化用批次统计：分数偏低且每次不同，批归一化还会从验证数据学习。
    ## 代价
    有意在验证时保留的 dropout（蒙特卡洛 dropout）会被关闭。带梯度的验证识别不了。
    """

    treats = ("eval-mode-missing", "batchnorm-misuse")
    touches = "loop"
    order = 5

    def precondition(self, facts: Facts) -> Text | None:
        """Some pass without gradients was made in training mode."""
        if facts.steps and "modes.validation.root.train" not in facts.notes:
            return Text("No validation in training mode was seen.", "没有看到在训练模式下的验证。")
        return None

    def apply(self, training: Training) -> None:
        """In front of every pass and behind it."""
        from unstuck.attach.door_hooks import EvaluationMode

        mode = training.memory[self.id] = EvaluationMode()
        for root in training.models:
            training.on_undo(root.register_forward_pre_hook(mode.before).remove)
            training.on_undo(root.register_forward_hook(mode.after, always_call=True).remove)

    def in_force(self, training: Training) -> bool | None:
        """A pass was made in eval mode that would not have been."""
        mode = training.memory.get(self.id)
        return mode is not None and mode.changed > 0

    def edit(self, draft: Draft) -> None:
        """Around the validation."""
        from unstuck.edits.loops import evaluate_in_eval_mode

        evaluate_in_eval_mode(draft)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        return Text("model.eval() before validation, model.train() after it", "验证前 model.eval()，验证后 model.train()")
