from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import CannotApply, Tally
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch
    from torch.optim import Optimizer

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class GradientAccumulation(Remedy):
    """Move only at every fourth batch, along the mean of four gradients.

    ## What it changes
    The gradients of four batches are averaged; three of four calls of `optimizer.step()` move nothing. Rate and data stay as they are.
    ## When it helps
    Batches so small that their noise rules the step, where memory does not allow larger ones.
    ## What it can cost
    A quarter of the updates in the same time, so the rate may have to grow. Batch norm still sees the small batches.
    """

    zh = """每四个批次才走一步，沿四个梯度的平均方向。

    ## 改变什么
    四个批次的梯度取平均；四次 `optimizer.step()` 中有三次什么也不动。学习率和数据不变。
    ## 何时有效
    批次太小，噪声支配了每一步，而内存又放不下更大的批次。
    ## 代价
    同样时间内只有四分之一的更新，学习率可能要提高。批归一化看到的仍是小批次。
    """

    treats = ("batch-too-small",)
    touches = "loop"
    moment = "ready"
    order = 16
    joins = ("higher-lr",)

    every: int = 4  # batches; our choice

    def precondition(self, facts: Facts) -> Text | None:
        """A closure computes its gradient inside the step."""
        return Text("The optimizer uses a closure.", "优化器使用闭包。") if any(o.kind == "LBFGS" for o in facts.optimizers) else None

    def apply(self, training: Training) -> None:
        """Around every step; a step without gradients moves nothing, and is still counted by whoever counts."""
        training.memory[self.id] = [accumulate(training, optimizer, self.every) for optimizer in training.optimizers]

    def in_force(self, training: Training) -> bool | None:
        """Some steps moved nothing."""
        tallies = training.memory.get(self.id, [])
        return bool(tallies) and all(t.in_force() for t in tallies)

    def edit(self, draft: Draft) -> None:
        """Around the step."""
        from unstuck.edits.steps import accumulate

        accumulate(draft, self.every)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = f"(loss / {self.every}).backward(); if (i + 1) % {self.every} == 0: optimizer.step(); optimizer.zero_grad()"
        return Text(line, line)


def accumulate(training: Training, optimizer: Optimizer, every: int) -> Tally:
    """Keep sums of our own, so that the script's zero_grad does not matter."""
    from unstuck.attach.step_hooks import parameters_of, wrap_step

    tally = Tally()
    sums: dict[int, torch.Tensor] = {}

    def around(inner: Any, args: Any, kwargs: Any) -> Any:
        if args or kwargs.get("closure") is not None:
            raise CannotApply("The optimizer is stepped with a closure; its gradients cannot be accumulated from outside.")
        tally.seen += 1
        for p in parameters_of(optimizer):
            if p.grad is not None:
                sums[id(p)] = p.grad.detach().clone() if id(p) not in sums else sums[id(p)] + p.grad.detach()
        if tally.seen % every:
            tally.changed += 1
            for p in parameters_of(optimizer):
                p.grad = None
        else:
            for p in parameters_of(optimizer):
                p.grad = sums[id(p)] / every if id(p) in sums else None
            sums.clear()
        return inner(*args, **kwargs)

    wrap_step(training, optimizer, around)
    return tally
