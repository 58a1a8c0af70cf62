from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import LearningRateFactor, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class LowerLr(LearningRateFactor):
    """Multiply the learning rate by 0.1.

    ## What it changes
    Every step is made with a tenth of the rate that the script has set at that moment; its schedule goes on as it is.
    ## When it helps
    A loss that swings, grows or becomes NaN from a sane start; units that die after one large step (it prevents that, it does not revive
    them).
    ## What it can cost
    Up to ten times the steps for the same distance.
    """

    zh = """学习率乘以 0.1。

    ## 改变什么
    每一步都用脚本当时设定的学习率的十分之一；它的学习率计划照常运行。
    ## 何时有效
    损失从正常的起点开始震荡、增大或变成 NaN；单元在一次大步之后死亡
    （它能预防，不能使其恢复）。
    ## 代价
    走同样的距离最多需要十倍的步数。
    """

    treats = ("lr-too-high", "momentum-too-high", "non-finite", "exploding-gradient", "dead-units", "batch-too-small")
    joins = ("he-init", "clip-gradient-norm", "leaky-relu")

    def factor(self, step: int, training: Training) -> float:
        """A tenth at every step."""
        return 0.1

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import scale_rate

        scale_rate(draft, 0.1)

    def advice(self, facts: Facts) -> Text:
        """Old and new rate."""
        old = setting(facts, "lr")
        line = "lr  ->  0.1 * lr" if old is None else f"lr={old:g}  ->  lr={old / 10:g}"
        return Text(line, line)
