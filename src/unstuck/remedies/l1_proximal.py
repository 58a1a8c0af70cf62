from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class L1Proximal(Remedy):
    """Shrink every weight toward zero by a fixed amount after each step, and stop at zero (L1).

    ## What it changes
    After every step each weight matrix becomes sign(w) max(|w| - lr * 0.001, 0). Biases and norms stay.
    ## When it helps
    Overfitting with many useless inputs: weights that bring nothing become exactly zero. L1 as a term of the loss never gives an exact
    zero.
    ## What it can cost
    Underfitting when it is too strong. Among features that say the same it keeps an arbitrary one.
    """

    zh = """每一步之后把每个权重向零收缩固定的量，到零为止（L1）。

    ## 改变什么
    每一步之后，权重矩阵变为 sign(w) max(|w| - lr * 0.001, 0)。偏置和归一化参数不变。
    ## 何时有效
    有许多无用输入的过拟合：没有贡献的权重恰好变为零。把 L1 写进损失不会得到精确的零。
    ## 代价
    太强会欠拟合。在含义相同的特征中，它随意保留一个。
    """

    treats = ("overfitting",)
    touches = "optimizer"
    moment = "ready"
    order = 58

    strength: float = 1e-3  # per unit of learning rate; our choice

    def apply(self, training: Training) -> None:
        """Behind every step (proximal gradient descent)."""
        from unstuck.attach.step_hooks import after_step

        training.memory[self.id] = [after_step(training, o, self.shrink) for o in training.optimizers]

    def shrink(self, optimizer: Optimizer) -> None:
        """The proximal step of strength * |w|_1."""
        import torch

        with torch.no_grad():
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if p.dim() > 1:
                        p.copy_(torch.nn.functional.softshrink(p, float(group["lr"]) * self.strength))

    def in_force(self, training: Training) -> bool | None:
        """Steps were followed by shrinking."""
        tallies = training.memory.get(self.id, [])
        return bool(tallies) and all(t.in_force() for t in tallies)

    def edit(self, draft: Draft) -> None:
        """Behind the step."""
        from unstuck.edits.steps import shrink

        shrink(draft, self.strength)

    def advice(self, facts: Facts) -> Text:
        """The lines after the step."""
        line = f"with torch.no_grad(): w.copy_(F.softshrink(w, lr * {self.strength:g}))"
        return Text(f"after optimizer.step(), for every weight matrix: {line}", f"在 optimizer.step() 之后，对每个权重矩阵：{line}")
