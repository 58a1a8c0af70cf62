from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import CannotApply, StepSetting, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class NoWeightDecay(StepSetting):
    """Switch weight decay off.

    ## What it changes
    Every step is made with weight_decay 0. A penalty that the script adds to its loss by hand is not reached.
    ## When it helps
    A training loss that cannot fall because the weights are pulled to zero faster than they learn.
    ## What it can cost
    More overfitting, once the network can fit.
    """

    zh = """关闭权重衰减。

    ## 改变什么
    每一步的 weight_decay 为 0。脚本手写在损失里的惩罚项不受影响。
    ## 何时有效
    权重被拉向零的速度快过学习，训练损失因此降不下来。
    ## 代价
    网络能拟合之后，过拟合更多。
    """

    treats = ("over-regularised", "underfitting")
    order = 6

    def precondition(self, facts: Facts) -> Text | None:
        """There is decay."""
        if setting(facts, "weight_decay") == 0.0:
            return Text("The optimizer has no weight decay.", "优化器没有权重衰减。")
        return None

    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """0 in every group."""
        if "weight_decay" not in group:
            raise CannotApply("The optimizer has no weight decay setting.")
        return {"weight_decay": 0.0}

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import without_decay

        without_decay(draft)

    def advice(self, facts: Facts) -> Text:
        """Old and new setting."""
        old = setting(facts, "weight_decay")
        line = "weight_decay=0" if old is None else f"weight_decay={old:g}  ->  weight_decay=0"
        return Text(line, line)
