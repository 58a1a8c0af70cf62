from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class ZeroGrad(Remedy):
    """Clear the gradients after every step.

    ## What it changes
    `optimizer.zero_grad()` is called after every `optimizer.step()`. Gradients that are accumulated between two steps are not touched.
    ## When it helps
    A loop that never clears: `backward` adds to the old gradients, so every step goes along the sum of all gradients so far.
    ## What it can cost
    Nothing in a correct loop. A script that carries gradients over a step on purpose is changed.
    """

    zh = """每一步之后清零梯度。

    ## 改变什么
    每次 `optimizer.step()` 之后调用 `optimizer.zero_grad()`。两步之间累积的梯度不受影响。
    ## 何时有效
    从不清零的循环：`backward` 会加到旧梯度上，于是每一步都沿着至今所有梯度之和走。
    ## 代价
    对正确的循环没有影响。有意跨步保留梯度的脚本会被改变。
    """

    treats = ("missing-zero-grad",)
    touches = "loop"
    moment = "ready"
    safe = True
    order = 5

    def apply(self, training: Training) -> None:
        """Behind every step."""
        from unstuck.attach.step_hooks import after_step

        training.memory[self.id] = [after_step(training, o, lambda optimizer: optimizer.zero_grad()) for o in training.optimizers]

    def in_force(self, training: Training) -> bool | None:
        """Every optimizer's steps were followed by it."""
        tallies = training.memory.get(self.id, [])
        return bool(tallies) and all(t.in_force() for t in tallies)

    def edit(self, draft: Draft) -> None:
        """In front of backward."""
        from unstuck.edits.loops import clear_gradients

        clear_gradients(draft)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        return Text("before loss.backward(): optimizer.zero_grad()", "在 loss.backward() 之前：optimizer.zero_grad()")
