from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import StepSetting, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class ConstantLr(StepSetting):
    """Keep the learning rate that the optimizer was built with, whatever the schedule says.

    ## What it changes
    Every step is made with the rate given to the optimizer's constructor. The schedule goes on counting, but no step listens to it.
    ## When it helps
    A schedule that has run down to nothing, that restarts at the wrong time, or that is stepped per batch instead of per epoch.
    ## What it can cost
    The finer convergence and the gentle start that a good schedule gives.
    """

    zh = """不管学习率计划怎么说，都保持构造优化器时的学习率。

    ## 改变什么
    每一步都使用传给优化器构造函数的学习率。计划照常计数，但没有一步听它的。
    ## 何时有效
    学习率计划已降到零、在错误的时间重启，或本应每轮调用却每批调用。
    ## 代价
    失去好的学习率计划带来的更细的收敛和平缓的开始。
    """

    treats = ("schedule-misuse", "lr-too-low")
    order = 8

    def precondition(self, facts: Facts) -> Text | None:
        """There is a schedule (one set by hand is not listed, so nothing is said where steps were not watched)."""
        if facts.optimizers and facts.steps and not facts.schedulers:
            return Text("The script makes no scheduler.", "脚本没有创建学习率调度器。")
        return None

    def apply(self, training: Training) -> None:
        """Remember the rates now: no scheduler exists yet."""
        training.memory[f"{self.id}.first"] = {id(g): g["lr"] for o in training.optimizers for g in o.param_groups}
        super().apply(training)

    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """The remembered rate; that of the moment for groups that were added later."""
        return {"lr": training.memory[f"{self.id}.first"].get(id(group), group["lr"])}

    def edit(self, draft: Draft) -> None:
        """Where schedulers are made and stepped."""
        from unstuck.edits.schedules import without_schedule

        without_schedule(draft)

    def advice(self, facts: Facts) -> Text:
        """Delete the schedule."""
        lr = setting(facts, "lr")
        at = "" if lr is None else f" (lr={lr:g})"
        return Text(f"delete scheduler.step(){at}", f"删除 scheduler.step(){at}")
