from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class StraightThrough(Remedy):
    """Give round, sign, comparisons and the choice of the greatest the gradient of a smooth function.

    ## What it changes
    The forward pass answers as before. Backward, round, floor, ceil and trunc count as the identity, sign as x clamped to -1..1, a comparison that
    becomes a number as a sigmoid, and a one-hot `argmax` as a softmax (the straight-through estimator).
    ## When it helps
    A quantised, gated or routed network: such steps have the gradient zero, so nothing in front of them learns.
    ## What it can cost
    The gradient is an estimate, and too large where many steps follow one another. A softmax in place of the choice is smoother still.
    """

    zh = """为取整、符号、比较和取最大者的选择提供平滑函数的梯度。

    ## 改变什么
    前向计算照旧。反向传播时，round、floor、ceil、trunc 视为恒等，sign 视为截断到 -1..1 的 x，变成数值的比较视为 sigmoid，
    独热的 `argmax` 视为 softmax（直通估计）。
    ## 何时有效
    量化、门控或路由网络：这类阶跃的梯度为零，因此其前面的部分学不到任何东西。
    ## 代价
    梯度只是估计，多个阶跃相接时会偏大。用 softmax 代替选择会更平滑。
    """

    treats = ("blocked-gradient",)
    touches = "loop"
    moment = "start"
    order = 7

    def apply(self, training: Training) -> None:
        """Before the script's first line."""
        from unstuck.attach.straight_through import let_through

        training.memory[self.id] = let_through(training)

    def in_force(self, training: Training) -> bool | None:
        """Some step let a gradient through."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the step is written."""
        from unstuck.edits.cuts import straight_through

        straight_through(draft)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "q = torch.round(x)  ->  q = x + (torch.round(x) - x).detach()"
        return Text(f"{line}; one_hot(s.argmax(1))  ->  s.softmax(1)", f"{line}；one_hot(s.argmax(1))  ->  s.softmax(1)")
