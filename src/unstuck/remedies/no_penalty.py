from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import SourceChange
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft


class NoPenalty(SourceChange):
    """Take the penalty on the weights out of a loss by hand.

    ## What it changes
    In the script's source: the factor of a sum over the model's parameters (`l1 * sum(p.abs().sum() for p in net.parameters())`) becomes 0. Nothing
    can be injected: it is tried as a change of the script.
    ## When it helps
    A penalty that makes up most of the loss: the optimizer shrinks the weights instead of fitting the targets.
    ## What it can cost
    The sparse or small weights that the penalty was there for. Where that matters, a hundredth of its factor is the next thing to try.
    """

    zh = """从手写的损失中去掉对权重的惩罚项。

    ## 改变什么
    修改脚本源码：对模型参数求和的项（`l1 * sum(p.abs().sum() for p in net.parameters())`）的系数改为 0。这无法注入，只能以修改脚本的方式尝试。
    ## 何时有效
    惩罚项占了损失的大部分：优化器在缩小权重，而不是拟合目标。
    ## 代价
    失去惩罚项所要的稀疏或较小的权重。若这很重要，可再试其系数的百分之一。
    """

    treats = ("over-regularised",)
    touches = "loss"
    order = 8

    def edit(self, draft: Draft) -> None:
        """Where it is written."""
        from unstuck.edits.penalties import without_penalty

        without_penalty(draft)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "loss = mse + l1 * sum(p.abs().sum() for p in net.parameters())  ->  loss = mse"
        return Text(line, line)
