from __future__ import annotations

import functools
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
    Three shapes. Over depth: the first weighted layers receive more than `min_ratio` times the gradient of the last one at the start, and the
    loss or the gradient grew by orders of magnitude (a loss that stays where it was is `degradation`). At the start: the weights' gradient is `min_amplification` times the one at the output layer, in a pass through at least `min_layers`
    weighted layers or time steps (in fewer it is the inputs or the batch that make it large, not a product). Over steps: the total norm
    passes `min_spike` times its own median. Either counts only where the loss does not come down or becomes non-finite.
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
    三种形态。沿深度：训练开始时最前面的带权层收到的梯度超过最后一层的 `min_ratio` 倍，且损失或梯度增大了几个数量级（损失停在原处则属于 `degradation`）。一开始：权重梯度是输出层处梯度的
    `min_amplification` 倍，且一次前向至少经过 `min_layers` 个带权层或时间步（更少时是输入或批次使它变大，而不是连乘）。沿步数：总范数超过自身中位数的 `min_spike` 倍。
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
    patience = 20

    min_ratio: float = 100.0  # gradient at the first layer over that at the last, at the start; AutoTrainer uses 70
    min_spike: float = 100.0  # total norm over its own median; trainproof and runmedic use 10 for a warning
    min_length: int = 8  # calls of one layer in one forward pass that count as time steps
    min_layers: int = 4  # weighted layers; fewer cannot multiply to much
    min_amplification: float = 100.0  # all weight gradients over the gradient at the output layer; a few for sane nets
    min_norm: float = 10.0  # total norm at the first step, in the loss's unit over the weights'

    def check(self, trace: Trace) -> Iterator[Finding]:
        lost = reading.non_finite_step(trace) is not None
        if (lost and not reading.grew(trace)) or (not lost and reading.learns(trace)):
            return
        yield from (
            list(self._over_time(trace))[:1]
            or list(self._over_depth(trace))[:1]
            or list(self._at_the_start(trace))[:1]
            or list(self._over_steps(trace))[:1]
        )

    def _over_time(self, trace: Trace) -> Iterator[Finding]:
        calls = reading.through_time(trace, self.min_length)
        # Sequences of several lengths: the same batches are looked at in all of the calls.
        common = functools.reduce(np.intersect1d, (s.steps for s in calls))[:3] if calls else np.zeros(0, int)
        starts = (
            np.stack([s.values[np.isin(s.steps, common)] for s in calls]).astype(float) if len(common) else np.zeros((0, 0))
        )  # [calls, samples]
        starts = starts[:, ~np.isnan(starts).any(0)]
        if not starts.size:
            return
        # The last steps of padded sequences, and those before the only one that counts, get no gradient at all. What explodes grows over the
        # earlier half of the steps as over the later one, unless it has overflowed by then.
        first, middle, last = (np.clip(starts[i], 1e-38, 1e38) for i in (0, reading.halfway(calls), -1))
        halves = np.where(middle < 1e38, np.square(first / middle), np.inf)
        ratio = float(np.max(np.minimum(first / last, halves)))
        if ratio >= self.min_ratio:
            yield self.finding(
                Text(
                    "Over {length} time steps the gradient grows {ratio:.2g}-fold from the last step to the first.",
                    "跨越 {length} 个时间步，梯度从最后一步到第一步增大到 {ratio:.2g} 倍。",
                ).format(length=reading.span(calls), ratio=min(ratio, 1e30)),
                places=[calls[0].place, calls[-1].place],
                severity="error",
                confidence=0.9,
                evidence=[self.evidence(calls[0], 0)],
            )

    def _over_depth(self, trace: Trace) -> Iterator[Finding]:
        norms = reading.profile(trace, "gradient.norm", reading.early(trace), slice(0, 1))
        if len(norms) < self.min_layers or not norms[-1][1] > 0 or not reading.grew(trace):
            return  # (a loss that stays where it was: a net whose depth is too much for it)
        (first, low), (last, high) = norms[0], norms[-1]
        ratio = low / high
        if ratio >= self.min_ratio:
            signal = trace.signal("gradient.norm", first.name)
            assert signal is not None
            yield self.finding(
                Text(
                    "The gradient grows {per:.2g}x per layer toward the input: {first} receives {ratio:.2g} times what {last} receives.",
                    "梯度朝输入方向每层增大到 {per:.2g} 倍：{first} 收到的梯度是 {last} 的 {ratio:.2g} 倍。",
                ).format(per=ratio ** (1 / (len(norms) - 1)), first=first.name, last=last.name, ratio=ratio),
                places=[p for p, _ in norms],
                severity="error",
                confidence=0.9,
                evidence=[self.evidence(signal, 0)],
            )

    def _at_the_start(self, trace: Trace) -> Iterator[Finding]:
        total, times = trace.signal("gradient.total_norm"), reading.amplification(trace)
        assert total is not None
        if sum(s.place.kind in reading.WEIGHTED for s in trace.each("gradient.norm")) < self.min_layers:
            return
        if times is not None and times >= self.min_amplification and float(total.values[0]) > self.min_norm and reading.grew(trace):
            yield self.finding(
                Text(
                    "At the first step the weights' gradient has norm {norm:.3g}, {times:.0f} times that of the gradient at the output layer.",
                    "第一步时权重梯度的范数为 {norm:.3g}，是输出层处梯度的 {times:.0f} 倍。",
                ).format(norm=float(total.values[0]), times=times),
                severity="error",
                confidence=0.88,
                evidence=[self.evidence(total, 0)],
            )

    def _over_steps(self, trace: Trace) -> Iterator[Finding]:
        total = trace.signal("gradient.total_norm")
        assert total is not None
        values = total.values.astype(float)
        good = values[np.isfinite(values)]
        middle = float(np.median(good)) if len(good) else 0.0
        above = np.flatnonzero(np.nan_to_num(values, nan=0.0, posinf=0.0) > self.min_spike * middle)
        if len(good) < 5 or not middle > 0 or not len(above):
            return
        value, step = float(values[above[0]]), int(total.steps[above[0]])
        yield self.finding(
            Text(
                "The gradient's norm reaches {v:.2g} at step {step}, {times:.0f} times its median of {middle:.2g}.",
                "梯度范数在第 {step} 步达到 {v:.2g}，是其中位数 {middle:.2g} 的 {times:.0f} 倍。",
            ).format(v=value, step=step, times=min(value / middle, 1e9), middle=middle),
            severity="error",
            confidence=0.6,
            evidence=[self.evidence(total, int(above[0]))],
            first_step=step,
        )
