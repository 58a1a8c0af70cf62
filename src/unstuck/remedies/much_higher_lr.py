from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import LearningRateFactor, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class MuchHigherLr(LearningRateFactor):
    """Multiply the learning rate by 100.

    ## What it changes
    Every step is made with a hundred times the rate that the script has set at that moment; its schedule goes on as it is.
    ## When it helps
    A rate taken over from another optimizer, from fine-tuning, or from a loss that is summed where this one is a mean: ten times as much is
    still far too slow. With remedy:higher-lr a thousand times.
    ## What it can cost
    Where the rate is less than ten times too low, a hundred times diverges.
    """

    zh = """学习率乘以 100。

    ## 改变什么
    每一步都用脚本当时设定的学习率的一百倍；它的学习率计划照常运行。
    ## 何时有效
    学习率抄自另一种优化器、微调设置，或抄自对损失求和（而这里取平均）的训练：十倍仍然慢得多。与 remedy:higher-lr 合用即一千倍。
    ## 代价
    如果学习率偏低不到十倍，一百倍就会发散。
    """

    treats = ("lr-too-low", "underfitting")
    joins = ("higher-lr",)
    order = 61

    def factor(self, step: int, training: Training) -> float:
        """100 at every step."""
        return 100.0

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import scale_rate

        scale_rate(draft, 100.0)

    def advice(self, facts: Facts) -> Text:
        """Old and new rate."""
        old = setting(facts, "lr")
        line = "lr  ->  100 * lr" if old is None else f"lr={old:g}  ->  lr={100 * old:g}"
        return Text(line, line)
