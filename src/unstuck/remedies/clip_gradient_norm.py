from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class ClipGradientNorm(Remedy):
    """Shorten the gradient to norm 1 wherever it is longer.

    ## What it changes
    Before every step all gradients of an optimizer are multiplied by min(1, 1/norm). The direction stays; single values are never cut.
    ## When it helps
    Rare spikes, recurrent networks, a run that overflows: one step cannot throw the weights away.
    ## What it can cost
    It guards, it does not cure: an explosion that begins at initialisation stays, hidden. Where most gradients are longer than 1 it is a
    smaller learning rate in disguise.
    """

    zh = """梯度范数超过 1 时缩短到 1。

    ## 改变什么
    每一步之前，优化器的所有梯度乘以 min(1, 1/范数)。方向不变；从不截断单个数值。
    ## 何时有效
    偶发的尖峰、循环网络、会溢出的训练：一步不会把权重甩飞。
    ## 代价
    它是护栏，不是治愈：初始化时就开始的爆炸依然存在，只是被掩盖。
    如果多数梯度都长于 1，它就是变相的更小学习率。
    """

    treats = ("exploding-gradient", "non-finite", "long-range-dependency", "lr-too-high")
    touches = "optimizer"
    moment = "ready"
    order = 70
    joins = ("lower-lr", "forget-gate-bias")

    max_norm: float = 1.0  # the usual choice (Pascanu, Mikolov, Bengio 2013)

    def apply(self, training: Training) -> None:
        """In front of every step, and after every call of a closure."""
        import inspect

        import torch

        from unstuck.attach.step_hooks import on_gradients, parameters_of

        clip = inspect.unwrap(torch.nn.utils.clip_grad_norm_)  # ours, not the script's own clipping that others watch or switch off
        tallies = [on_gradients(training, o, lambda o: void(clip(parameters_of(o), self.max_norm))) for o in training.optimizers]
        training.memory[self.id] = tallies

    def in_force(self, training: Training) -> bool | None:
        """Gradients passed the clipping."""
        tallies = training.memory.get(self.id, [])
        return bool(tallies) and all(t.in_force() for t in tallies)

    def edit(self, draft: Draft) -> None:
        """In front of the step."""
        from unstuck.edits.loops import clip

        clip(draft, self.max_norm)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        line = f"torch.nn.utils.clip_grad_norm_(model.parameters(), {self.max_norm:g})"
        return Text(f"before optimizer.step(): {line}", f"在 optimizer.step() 之前：{line}")


def void(_: object) -> None:
    """Drop a result."""
