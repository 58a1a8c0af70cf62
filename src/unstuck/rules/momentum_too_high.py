from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class MomentumTooHigh(Rule):
    """The momentum makes the effective step lr / (1 - beta) too large: the loss overshoots and swings with a long period.

    ## What it sees
    A momentum (or Adam's first beta) of at least `min_momentum`, together with a loss that rises for long stretches, diverges, is thrown above its
    first value again and again in the later half (`min_thrown`), or a net that stays poor. Betas in the wrong order (beta1^2 above sqrt(beta2), where Adam's proof of convergence ends) need only a net that is not
    all but perfect (`swapped_skill`).
    ## Why it matters
    On a constant gradient the step grows to lr / (1 - beta): 10 times lr for 0.9, 100 times for 0.99.
    ## When it is wrong
    A small learning rate balances a large momentum; it is silent where the net learns.
    ## References
    Sutskever, Martens, Dahl, Hinton (2013), "On the importance of initialization and momentum in deep learning"; Kingma, Ba (2015), "Adam",
    theorem 4.1.
    """

    zh = """动量使有效步长 lr / (1 - beta) 过大：损失越过最低点并以长周期摆动。

    ## 看到什么
    动量（或 Adam 的第一个 beta）不低于 `min_momentum`，同时损失长时间上升、发散、在后半程一再被抛到起点之上（`min_thrown`），或网络始终学不好。若两个 beta 顺序颠倒（beta1^2 大于
    sqrt(beta2)，超出 Adam 收敛证明的条件），只要网络并非近乎完美（`swapped_skill`）即报告。
    ## 为什么重要
    在恒定梯度下步长会增长到 lr / (1 - beta)：0.9 时为 lr 的 10 倍，0.99 时为 100 倍。
    ## 何时会错
    较小的学习率可以与大动量相配；网络学好时不报告。
    ## 参考文献
    Sutskever, Martens, Dahl, Hinton (2013), "On the importance of initialization and momentum in deep learning"；Kingma, Ba (2015), "Adam"，
    定理 4.1。
    """

    root_cause = "momentum-too-high"
    needs = ("loss.value",)
    explains = (
        "lr-too-high",
        "non-finite",
        "exploding-gradient",
        "underfitting",
        "dead-units",
        "saturated-activation",
        "vanishing-gradient",
        "overfitting",
    )

    min_momentum: float = 0.96  # 0.9 is usual, 0.95 common; 25 times the learning rate
    min_loss: float = 3.0  # loss at the end over its best: it was there and swung away again
    min_thrown: float = 0.03  # share of the later half's steps whose loss is above the first one; our choice
    enough_skill: float = 0.87  # 0 = chance, 1 = perfect
    swapped_skill: float = 0.95  # the same for betas in the wrong order; our choice

    def check(self, trace: Trace) -> Iterator[Finding]:
        beta = max((float(o.settings.get(k) or 0.0) for o in trace.facts.optimizers for k in ("momentum", "beta1")), default=0.0)
        if not trace.facts.optimizers:
            raise CannotLook("no optimizer was seen", "没有看到优化器")
        course = reading.course(trace)
        if beta < self.min_momentum or course is None:
            return
        lost = course.finite and course.last > self.min_loss * course.best and course.last > 0.1 * course.start
        lost = lost or self._thrown(trace, course.start) >= self.min_thrown
        betas = ((float(o.settings.get("beta1") or 0.0), float(o.settings.get("beta2") or 1.0)) for o in trace.facts.optimizers)
        swapped = any(first == beta and first**2 > second**0.5 for first, second in betas)
        if course.finite and not lost and reading.learns(trace, self.swapped_skill if swapped else self.enough_skill):
            return
        loss = trace.signal("loss.value")
        assert loss is not None
        blocks = reading.smooth(loss.finite().astype(float), max(3, len(loss) // 30))
        rising = float((np.diff(blocks) > 0).mean()) if len(blocks) > 3 else 0.0
        swung = course.finite and len(blocks) > 3 and float(blocks.max()) > 1.3 * float(blocks[0])
        if course.finite and not swung and not lost and rising < 0.3 and not swapped:
            return
        yield self.finding(
            Text(
                "The momentum is {beta:g}, which multiplies a steady step by {times:.0f}; the loss rose in {rising:.0%} of the stretches of the run "
                "and ended at {last}.",
                "动量为 {beta:g}，会把稳定的一步放大 {times:.0f} 倍；训练中有 {rising:.0%} 的区段损失在上升，最终为 {last}。",
            ).format(beta=beta, times=1 / max(1 - beta, 1e-6), rising=rising, last=f"{course.last:.3g}" if course.finite else "nan/inf"),
            confidence=0.8,
            evidence=[self.evidence(loss)],
        )

    @staticmethod
    def _thrown(trace: Trace, start: float) -> float:
        """Share of the steps of the later half whose loss is above the first one, of a loss that had fallen by half in between."""
        loss = reading.loss_curve(trace)
        values = loss.finite().astype(float) if loss is not None else np.empty(0)
        later = values[len(values) // 2 :]
        fell = start > 0 and len(values) > 0 and float(np.median(values)) < start / 2
        return float((later > start).mean()) if fell and len(later) else 0.0
