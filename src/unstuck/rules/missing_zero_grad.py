from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class MissingZeroGrad(Rule):
    """Gradients of earlier steps are still there when the next step's are added to them.

    ## What it sees
    Before a step's first backward pass the parameters still carry a gradient, and nobody cleared it since the last optimizer step, in at least
    `min_share` of the steps that were watched without a gap, or of the run that they stand for (they are dense at its start: a second
    training in the same script is seen in few of them). Gradients that are accumulated on purpose are cleared after the step that
    uses them, and are not seen by this.
    ## Why it matters
    `backward` adds to `.grad`. Without clearing, the optimizer steps along the sum of all gradients since the start.
    ## When it is wrong
    Hand-written momentum that scales `.grad` in place between the steps.
    ## References
    PyTorch documentation, "Zeroing out gradients in PyTorch".
    """

    zh = """下一步的梯度被累加到尚未清零的旧梯度上。

    ## 看到什么
    在连续观察到的步中，或在它们所代表的整个运行中（开头观察得最密：同一脚本里的第二次训练只占其中少数），至少有 `min_share` 的步在首次
    反向传播之前参数仍带着梯度，而且自上次优化器更新以来没有被清零。有意的梯度累积会在使用之后清零，不会被误判。
    ## 为什么重要
    `backward` 把梯度加到 `.grad` 上。若不清零，优化器沿着自开始以来所有梯度之和更新。
    ## 何时会错
    手写动量、在两步之间就地缩放 `.grad` 的代码。
    ## 参考文献
    PyTorch 文档，"Zeroing out gradients in PyTorch"。
    """

    root_cause = "missing-zero-grad"
    needs = ("gradient.leftover_ratio",)
    explains = ("exploding-gradient", "lr-too-high", "momentum-too-high", "non-finite", "dead-units", "saturated-activation", "overfitting")

    min_share: float = 0.5  # share of the watched steps; once per epoch is as wrong as never, so not 1
    min_steps: int = 3  # watched steps after the first, and as many of them with a gradient left

    def check(self, trace: Trace) -> Iterator[Finding]:
        signal = trace.signal("gradient.leftover_ratio")
        assert signal is not None
        later = signal.steps > 0
        values = signal.values[later]
        left = values > 0.01  # of the gradient at the step; 0 where it was cleared
        share = float(reading.spans(trace, signal)[later] @ left)
        if left.sum() < self.min_steps or max(share, float(left.mean())) < self.min_share:
            return
        steps = signal.steps[later]
        yield self.finding(
            Text(
                "In {left} of {count} watched steps, which stand for {share:.0%} of the run, the last step's gradient had not been cleared; it was "
                "{ratio:.0%} of the one then used.",
                "在观察到的 {count} 步中，有 {left} 步（代表整个运行的 {share:.0%}）没有清除上一步的梯度；旧梯度相当于所用梯度的 {ratio:.0%}。",
            ).format(
                left=int(left.sum()),
                share=share,
                count=len(values),
                ratio=float(np.median(values[left])),
            ),
            severity="error",
            confidence=0.98 if left.mean() > 0.9 else 0.9,
            evidence=[self.evidence(signal)],
            first_step=int(steps[np.flatnonzero(left)[0]]),
        )
