from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import CannotApply, StepSetting, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class NoMomentum(StepSetting):
    """Switch momentum off.

    ## What it changes
    Every step is made with momentum 0 (with beta1 = 0 for Adam and its relatives).
    ## When it helps
    A loss that swings with a long period at a sane rate: with momentum b the effective step is lr/(1 - b), a hundred times lr for b = 0.99.
    ## What it can cost
    Slow progress through narrow valleys; the steps become shorter, so the rate may have to be raised.
    """

    zh = """关闭动量。

    ## 改变什么
    每一步的动量为 0（Adam 及其近亲则 beta1 = 0）。
    ## 何时有效
    学习率正常而损失以长周期摆动：动量为 b 时有效步长是 lr/(1 - b)，b = 0.99 时为 lr 的百倍。
    ## 代价
    在狭窄山谷中进展缓慢；步子变短，学习率可能需要提高。
    """

    treats = ("momentum-too-high",)
    order = 9

    def precondition(self, facts: Facts) -> Text | None:
        """There is momentum."""
        known = facts.optimizers and (setting(facts, "momentum") is not None or setting(facts, "beta1") is not None)
        if known and not (setting(facts, "momentum") or setting(facts, "beta1")):
            return Text("The optimizer has no momentum.", "优化器没有动量。")
        return None

    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """Nesterov's form needs momentum, so it goes too."""
        if "momentum" in group:
            return {"momentum": 0.0} | ({"nesterov": False} if "nesterov" in group else {})
        if "betas" in group and len(group["betas"]) == 2:
            return {"betas": (0.0, group["betas"][1])}
        raise CannotApply("The optimizer has no momentum setting.")

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import with_momentum

        with_momentum(draft, 0.0)

    def advice(self, facts: Facts) -> Text:
        """Old and new setting."""
        old = setting(facts, "momentum")
        line = f"momentum={old:g}  ->  momentum=0" if old is not None else "betas=(0.9, 0.999)  ->  betas=(0.0, 0.999)"
        return Text(line, line)
