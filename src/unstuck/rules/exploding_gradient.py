from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class ExplodingGradient(Rule):
    """The gradient grows from layer to layer on its way to the input, or from step to step, until the updates destroy the weights.

    ## What it sees
    Two shapes. Over depth: the first weighted layers receive more than `min_ratio` times the gradient of the last one at the start. Over
    steps: the total norm passes `min_spike` times its own median. Either counts only where the loss does not come down or becomes
    non-finite.
    ## Why it matters
    The product of the layers' gains grows geometrically with depth (or with time steps); one such step moves the weights by more than they
    measure.
    ## When it is wrong
    Heavy-tailed losses give single large gradients that a clipped or adaptive optimizer survives; it is silent where the net learns.
    ## References
    Pascanu, Mikolov, Bengio (2013), "On the difficulty of training recurrent neural networks".
    """

    zh = """梯度在传向输入的途中逐层变大，或随训练步数变大，直到更新把权重毁掉。

    ## 看到什么
    两种形态。沿深度：训练开始时最前面的带权层收到的梯度超过最后一层的 `min_ratio` 倍。沿步数：总范数超过自身中位数的 `min_spike` 倍。
    只有当损失降不下来或变成非有限值时才报告。
    ## 为什么重要
    各层增益之积随深度（或时间步）几何增长；一次这样的更新就会使权重的变化超过权重本身。
    ## 何时会错
    重尾损失会偶尔产生很大的梯度，裁剪或自适应优化器可以承受；网络在学习时不报告。
    ## 参考文献
    Pascanu, Mikolov, Bengio (2013), "On the difficulty of training recurrent neural networks"。
    """

    root_cause = "exploding-gradient"
    needs = ("gradient.norm", "gradient.total_norm")
    explains = ("non-finite", "lr-too-high", "dead-units", "saturated-activation", "clipping-too-tight", "momentum-too-high")

    min_ratio: float = 100.0  # gradient at the first layer over that at the last, at the start; AutoTrainer uses 70
    min_spike: float = 100.0  # total norm over its own median; trainproof and runmedic use 10 for a warning
    min_layers: int = 4  # weighted layers; fewer cannot multiply to much

    def check(self, trace: Trace) -> Iterator[Finding]:
        course = reading.course(trace)
        diverged = course is not None and (not course.finite or course.last > 1.5 * course.start)
        if reading.learns(trace) and not (course is not None and not course.finite):
            return
        norms = reading.profile(trace, "gradient.norm", reading.early, slice(0, 3))
        if len(norms) >= self.min_layers and norms[-1][1] > 0:
            ratio = norms[0][1] / norms[-1][1]
            if ratio >= self.min_ratio:
                signal = trace.signal("gradient.norm", norms[0][0].name)
                assert signal is not None
                per_layer = ratio ** (1 / (len(norms) - 1))
                yield self.finding(
                    Text(
                        "The gradient grows {per:.2g}x per layer toward the input: {first} receives {ratio:.2g} times what {last} receives.",
                        "梯度朝输入方向每层增大到 {per:.2g} 倍：{first} 收到的梯度是 {last} 的 {ratio:.2g} 倍。",
                    ).format(per=per_layer, first=norms[0][0].name, last=norms[-1][0].name, ratio=ratio),
                    places=[p for p, _ in norms],
                    severity="error",
                    confidence=0.75 + 0.05 * min(4.0, math.log10(ratio / self.min_ratio)),
                    evidence=[self.evidence(signal, 0)],
                )
                return
        total = trace.signal("gradient.total_norm")
        assert total is not None
        values = np.nan_to_num(total.values.astype(float), nan=np.inf, posinf=np.inf)
        if len(values) < 5 or not diverged:
            return
        ratios = np.divide(self._update_ratio(trace), 1.0)
        if values[0] > 1e3 and not ratios > 1.0:
            yield self._over_steps(total, 0, float(values[0]), None)
            return
        middle = float(np.median(values[: max(5, len(values) // 2)]))
        above = np.flatnonzero(values > self.min_spike * middle)
        if len(above) and middle > 0:
            yield self._over_steps(total, int(above[0]), float(values[above[0]]), middle)

    @staticmethod
    def _update_ratio(trace: Trace) -> float:
        first = [float(s.values[0]) for s in trace.each("update.ratio") if s.place.kind == "weight" and np.isfinite(s.values[0])]
        return max(first, default=0.0)

    def _over_steps(self, total: object, index: int, value: float, middle: float | None) -> Finding:
        from unstuck.records import Signal

        assert isinstance(total, Signal)
        step = int(total.steps[index])
        if middle is None:
            text = Text("The gradient's norm is {v:.2g} at the first step.", "第一步的梯度范数就有 {v:.2g}。").format(v=value)
        else:
            text = Text(
                "The gradient's norm reaches {v:.2g} at step {step}, {times:.0f} times its median of {middle:.2g}.",
                "梯度范数在第 {step} 步达到 {v:.2g}，是其中位数 {middle:.2g} 的 {times:.0f} 倍。",
            ).format(v=value, step=step, times=min(value / middle, 1e9), middle=middle)
        return self.finding(text, severity="error", confidence=0.6, evidence=[self.evidence(total, index)], first_step=step)
