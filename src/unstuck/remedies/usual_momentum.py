from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import CannotApply, StepSetting, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class UsualMomentum(StepSetting):
    """Lower the momentum to the usual 0.9.

    ## What it changes
    Every step is made with momentum 0.9 (with beta1 = 0.9 for Adam and its relatives).
    ## When it helps
    A momentum far above 0.9 at a rate that suits 0.9: on a steady gradient the step is lr/(1 - b), so 0.99 makes it ten times as long, and
    the loss overshoots and swings.
    ## What it can cost
    A tenth of the step that the script had at 0.99; a rate chosen for that may then be too low.
    """

    zh = """把动量降到常用的 0.9。

    ## 改变什么
    每一步的动量为 0.9（Adam 及其近亲则 beta1 = 0.9）。
    ## 何时有效
    动量远高于 0.9，而学习率适合 0.9：在恒定梯度下步长是 lr/(1 - b)，0.99 使它变为十倍长，
    损失于是越过最低点并来回摆动。
    ## 代价
    步长只有 0.99 时的十分之一；若学习率是为后者选的，可能就太低。
    """

    treats = ("momentum-too-high",)
    order = 8

    momentum: float = 0.9  # Sutskever et al. 2013 and the default of Adam's beta1

    def precondition(self, facts: Facts) -> Text | None:
        """There is more."""
        known = [v for v in (setting(facts, "momentum"), setting(facts, "beta1")) if v is not None]
        if facts.optimizers and max(known, default=0.0) <= self.momentum:
            return Text(f"The momentum is not above {self.momentum:g}.", f"动量并不高于 {self.momentum:g}。")
        return None

    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """A group with less keeps its own."""
        if "momentum" in group:
            return {"momentum": min(self.momentum, group["momentum"])}
        if "betas" in group and len(group["betas"]) == 2:
            return {"betas": (min(self.momentum, group["betas"][0]), group["betas"][1])}
        raise CannotApply("The optimizer has no momentum setting.")

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import with_momentum

        with_momentum(draft, self.momentum)

    def advice(self, facts: Facts) -> Text:
        """Old and new setting."""
        old = setting(facts, "momentum")
        line = (
            f"momentum={old:g}  ->  momentum={self.momentum:g}"
            if old is not None
            else f"betas=(..., ...)  ->  betas=({self.momentum:g}, ...)"
        )
        return Text(line, line)
