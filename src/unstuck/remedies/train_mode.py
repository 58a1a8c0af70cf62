from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class TrainMode(Remedy):
    """Put the model back into training mode where the script forgot to.

    ## What it changes
    After a step that was made in eval mode, `model.train()` is called; passes without gradients are made in eval mode again.
    ## When it helps
    `model.eval()` in the first validation and no `model.train()` after it: dropout is off and batch norm uses old statistics from then on.
    ## What it can cost
    A model that is trained in eval mode on purpose (frozen batch norm in fine-tuning) is changed.
    """

    zh = """脚本忘了切回训练模式时，把模型放回训练模式。

    ## 改变什么
    在评估模式下走了一步之后调用 `model.train()`；不带梯度的计算仍在评估模式下进行。
    ## 何时有效
    第一次验证时调用了 `model.eval()`，之后没有 `model.train()`：
    从此 dropout 关闭，批归一化使用旧的统计量。
    ## 代价
    有意在评估模式下训练的模型（微调时冻结批归一化）会被改变。
    """

    treats = ("train-mode-missing", "batchnorm-misuse")
    touches = "loop"
    moment = "ready"
    order = 5

    def precondition(self, facts: Facts) -> Text | None:
        """Some training pass was made in eval mode."""
        if facts.steps and "modes.training.root.eval" not in facts.notes:
            return Text("No training in eval mode was seen.", "没有看到在评估模式下的训练。")
        return None

    def apply(self, training: Training) -> None:
        """Behind every step, and in front of every pass."""
        from unstuck.attach.door_hooks import TrainingMode
        from unstuck.attach.step_hooks import after_step

        mode = training.memory[self.id] = TrainingMode(training.models)
        for optimizer in training.optimizers:
            after_step(training, optimizer, mode.after_step)
        for root in training.models:
            training.on_undo(root.register_forward_pre_hook(mode.before_pass).remove)

    def in_force(self, training: Training) -> bool | None:
        """A model was put back into training mode."""
        mode = training.memory.get(self.id)
        return mode is not None and mode.changed > 0

    def edit(self, draft: Draft) -> None:
        """In front of every pass."""
        from unstuck.edits.loops import train_in_train_mode

        train_in_train_mode(draft)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        return Text("model.train() at the beginning of every epoch", "每轮开始时调用 model.train()")
