from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import LearningRateFactor, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class MuchLowerLr(LearningRateFactor):
    """Multiply the learning rate by 0.01.

    ## What it changes
    Every step is made with a hundredth of the rate that the script has set at that moment; its schedule goes on as it is.
    ## When it helps
    A rate taken over from another optimizer (0.1 of SGD given to Adam), or a loss that is summed where the rate was meant for a mean: a tenth
    still diverges.
    ## What it can cost
    Up to a hundred times the steps for the same distance.
    """

    zh = """学习率乘以 0.01。

    ## 改变什么
    每一步都用脚本当时设定的学习率的百分之一；它的学习率计划照常运行。
    ## 何时有效
    学习率抄自另一种优化器（把 SGD 的 0.1 给了 Adam），或损失是求和而学习率本来是为平均值设定的：十分之一仍会发散。
    ## 代价
    走同样的距离最多需要一百倍的步数。
    """

    treats = ("lr-too-high", "non-finite", "exploding-gradient")
    order = 61

    def factor(self, step: int, training: Training) -> float:
        """A hundredth at every step."""
        return 0.01

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import scale_rate

        scale_rate(draft, 0.01)

    def advice(self, facts: Facts) -> Text:
        """Old and new rate."""
        old = setting(facts, "lr")
        line = "lr  ->  0.01 * lr" if old is None else f"lr={old:g}  ->  lr={old / 100:g}"
        return Text(line, line)
