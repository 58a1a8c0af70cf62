from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import SourceChange
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft


class KeepTogether(SourceChange):
    """Give the targets the order that only the inputs were given.

    ## What it changes
    In the script's source: behind `x = x[order]` stands `y = y[order]`, where y has a row for every row of x and was not put into that order; two
    orders that are drawn for x and for y one after the other become one. Nothing can be injected: it is tried as a change of the script.
    ## When it helps
    Samples that were shuffled, sorted or filtered without their targets: every target then belongs to another sample, and what is learned says
    nothing about others.
    ## What it can cost
    Nothing where it fits. Where the orders are meant to differ (a test with permuted labels), it undoes that.
    """

    zh = """让目标与输入采用同一次重排。

    ## 改变什么
    修改脚本源码：若 y 与 x 逐行对应而没有随之重排，则在 `x = x[order]` 之后加上 `y = y[order]`；为 x 和 y 先后各抽一次的顺序合并为一次。
    这无法注入，只能以修改脚本的方式尝试。
    ## 何时有效
    样本被打乱、排序或筛选，而目标没有随之变化：每个目标都属于另一个样本，学到的东西对其他样本毫无意义。
    ## 代价
    适用之处没有代价。若本来就有意让两者顺序不同（置换标签检验），它会取消这一点。
    """

    treats = ("label-noise",)
    touches = "data"
    order = 2

    def edit(self, draft: Draft) -> None:
        """Where the order is applied."""
        from unstuck.edits.together import keep_together

        keep_together(draft)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "x = x[order]  ->  x, y = x[order], y[order]"
        return Text(line, line)
