from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import LearningRateFactor, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class HigherLr(LearningRateFactor):
    """Multiply the learning rate by 10.

    ## What it changes
    Every step is made with ten times the rate that the script has set at that moment; its schedule goes on as it is.
    ## When it helps
    A loss that falls steadily but far too slowly, with updates below a ten-thousandth of the weights.
    ## What it can cost
    Ten times too much diverges. It never cures a vanishing gradient: the early layers need not 10 but a million times as much.
    """

    zh = """学习率乘以 10。

    ## 改变什么
    每一步都用脚本当时设定的学习率的十倍；它的学习率计划照常运行。
    ## 何时有效
    损失稳定下降但慢得多，更新量不到权重的万分之一。
    ## 代价
    过大十倍就会发散。它治不了梯度消失：前面的层需要的不是 10 倍，而是百万倍。
    """

    treats = ("lr-too-low", "underfitting", "vanishing-gradient")
    joins = ("batch-norm", "standardise-inputs")

    def factor(self, step: int, training: Training) -> float:
        """10 at every step."""
        return 10.0

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import scale_rate

        scale_rate(draft, 10.0)

    def advice(self, facts: Facts) -> Text:
        """Old and new rate."""
        old = setting(facts, "lr")
        line = "lr  ->  10 * lr" if old is None else f"lr={old:g}  ->  lr={10 * old:g}"
        return Text(line, line)
