from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class EarlyStopping(Remedy):
    """Stop learning when the validation loss has not fallen for three validations, and go back to the best weights.

    ## What it changes
    After every validation phase the weights are kept if its loss is the lowest so far. After three in a row without a new best the best
    weights are put back, and the steps that follow change nothing.
    ## When it helps
    Overfitting: validation turns up while training goes on falling. It also limits how far wrong labels are learnt by heart.
    ## What it can cost
    It chooses by the validation set, so that set is no longer a fair test. Noise may stop it too early.
    """

    zh = """验证损失连续三次没有下降就停止学习，并回到最好的权重。

    ## 改变什么
    每次验证之后，如果损失是至今最低，就保存权重。连续三次没有新的最好值时放回最好的权重，
    之后的步不再改变任何东西。
    ## 何时有效
    过拟合：训练损失继续下降而验证损失上升。它也限制了把错误标签死记硬背的程度。
    ## 代价
    它按验证集来选择，因此验证集不再是公平的测试。噪声可能使它停得太早。
    """

    treats = ("overfitting", "label-noise")
    touches = "loop"
    moment = "ready"
    order = 50

    patience: int = 3  # validations; our choice

    def precondition(self, facts: Facts) -> Text | None:
        """There is something to stop by."""
        if facts.steps and "validation" not in facts.phases:
            return Text("No validation phase was seen.", "没有看到验证阶段。")
        return None

    def apply(self, training: Training) -> None:
        """Listen to the losses of passes without gradients, or to their scores, and stand in front of every step."""
        from unstuck.attach.best_weights import Watch
        from unstuck.attach.loss_patches import watch_losses
        from unstuck.attach.step_hooks import wrap_step

        watch = training.memory[self.id] = Watch(training, self.patience)
        watch_losses(training, watch.add)
        training.on_validation.append(watch.scored)
        for optimizer in training.optimizers:
            wrap_step(training, optimizer, watch.around)

    def in_force(self, training: Training) -> bool | None:
        """Validation losses were seen."""
        watch = training.memory.get(self.id)
        return watch is not None and bool(watch.phases)

    def edit(self, draft: Draft) -> None:
        """Where the script validates."""
        from unstuck.edits.stopping import stop_early

        stop_early(draft, self.patience)

    def advice(self, facts: Facts) -> Text:
        """In words."""
        return Text(
            f"keep the weights of the lowest validation loss; stop after {self.patience} validations without a new lowest",
            f"保存验证损失最低时的权重；连续 {self.patience} 次验证没有新低就停止",
        )
