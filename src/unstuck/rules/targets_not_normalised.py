from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace

#: Names of a mean and a standard deviation over a batch.
Moments = tuple[str, str]
#: Targets and outputs of the loss that is scored, and of a regression beside it.
HEADS: tuple[tuple[Moments, Moments], ...] = (
    (("target.mean", "target.std"), ("output.mean", "output.std")),
    (("beside.target_mean", "beside.target_std"), ("beside.output_mean", "beside.output_std")),
)


@dataclass(frozen=True)
class TargetsNotNormalised(Rule):
    """The targets of a regression are far from unit scale, and the outputs do not reach them.

    ## What it sees
    Mean and standard deviation of the targets over all sampled batches: their root mean square above `max_scale`, their mean more than
    `max_offset` standard deviations from zero, or their standard deviation below `min_std`. It speaks only with the consequence: R2 below
    `enough_skill` while the outputs are still more than `max_miss` target standard deviations off in the mean or in their spread, hidden units driven to their bounds on the
    way there, or a loss that grew or became non-finite. Where a second loss function is a regression (two heads), its targets and outputs are asked as well: such
    targets drown what the first is to learn.
    ## Why it matters
    The last layer starts near 0 +- 1. To reach a mean of 150 with steps of 0.001 takes 150,000 of them; targets of 1e-5 drown in the
    noise of the starting weights; and the gradient carries the targets' scale into a learning rate made for scale 1.
    ## When it is wrong
    Counts and sums whose last layer was set to their mean, or which learn well: silent there.
    ## References
    LeCun, Bottou, Orr, Müller (1998), "Efficient BackProp", section 4.5.
    """

    zh = """回归的目标远离单位尺度，而输出够不着它们。

    ## 看到什么
    全部采样批次上目标的均值与标准差：均方根高于 `max_scale`、均值离零超过 `max_offset` 个标准差，或标准差低于 `min_std`。只有出现后果时
    才报告：R2 低于 `enough_skill`，且输出的均值或离散程度与目标相差超过 `max_miss` 个目标标准差；或损失上升、变为非有限值。
    若另有一个损失函数是回归（两个输出头），也检查它的目标与输出：这样的目标会淹没第一个头要学的东西。
    ## 为什么重要
    最后一层从 0 附近出发、尺度约为 1。若每步走 0.001，到达均值 150 要十五万步；1e-5 的目标会淹没在初始权重的噪声里；梯度还会把目标的
    尺度带进为尺度 1 而设的学习率。
    ## 何时会错
    最后一层已设为其均值、或本身学得好的计数与求和：不报告。
    ## 参考文献
    LeCun, Bottou, Orr, Müller (1998), "Efficient BackProp" 第 4.5 节。
    """

    root_cause = "targets-not-normalised"
    explains = (
        "lr-too-high", "lr-too-low", "exploding-gradient", "non-finite", "dead-units", "bad-init-scale", "underfitting", "momentum-too-high",
        "clipping-too-tight", "saturated-activation", "vanishing-gradient", "overfitting", "batch-too-small", "batch-too-large", "label-noise",
    )  # fmt: skip

    max_scale: float = 10.0  # root mean square of the targets, in their own unit; as for the inputs
    max_offset: float = 5.0  # |mean| over std, where |mean| is above 1
    min_std: float = 0.02  # standard deviation of the targets, in their own unit
    max_pinned: float = 0.5  # share of a bounded layer's outputs at its bounds by the end
    free: float = 0.1  # the same at the start
    max_miss: float = 0.3  # in target standard deviations: 0.3^2 is a tenth of the variance
    enough_skill: float = 0.8  # R2

    def check(self, trace: Trace) -> Iterator[Finding]:
        target, loss = trace.facts.target, trace.facts.loss
        odd = loss is not None and loss.kind in ("bce", "bce-with-logits", "poisson-nll", "kl-div")
        scored = target is not None and target.kind == "real" and not odd
        heads = [h for h in HEADS[0 if scored else 1 :] if all(_seen(trace, name) is not None for pair in h for name in pair)]
        if not heads:
            raise CannotLook("no regression whose targets were seen", "没有看到回归任务的目标")
        for targets, outputs in heads:
            if (finding := self._head(trace, targets, outputs)) is not None:
                yield finding
                return

    def _head(self, trace: Trace, targets: Moments, outputs: Moments) -> Finding | None:
        mean, std = self._moments(trace, targets)
        rms = math.hypot(mean, std)
        offset = abs(mean) / std if abs(mean) > 1 else 0.0
        if not math.isfinite(rms) or std <= 0 or not (rms > self.max_scale or offset > self.max_offset or std < self.min_std):
            return None
        course = reading.course(trace)
        broke = course is not None and (not course.finite or course.last > 1.5 * course.start)
        skill = reading.best_skill(trace)
        out_mean, out_std = self._moments(trace, outputs, last=8)
        miss = abs(out_mean - mean) / std if math.isfinite(out_mean) else math.inf
        spread = out_std / std if math.isfinite(out_std) else math.inf
        misses = miss > self.max_miss or spread > 1 + self.max_miss or spread < self.max_miss or self._driven_to_the_bounds(trace)
        if not broke and (skill is None or skill >= self.enough_skill or not misses):
            return None
        signal = _seen(trace, targets[1])
        assert signal is not None
        return self.finding(
            Text(
                "The targets have mean {mean:.3g} and standard deviation {std:.3g} (limits: root mean square {limit:g}, standard deviation {low:g}); "
                "at the end the outputs have mean {om:.3g} and standard deviation {os:.3g}.",
                "目标的均值为 {mean:.3g}、标准差为 {std:.3g}（界限：均方根 {limit:g}、标准差 {low:g}）；最后输出的均值为 {om:.3g}、标准差为 {os:.3g}。",
            ).format(mean=mean, std=std, limit=self.max_scale, low=self.min_std, om=out_mean, os=out_std),
            severity="error" if broke or miss > 1 or spread > 2 or (skill is not None and skill < 0) else "warning",
            confidence=0.92 if rms > 3 * self.max_scale or std < self.min_std / 10 else 0.8,
            evidence=[self.evidence(signal, 0)],
            first_step=int(signal.steps[min(len(signal) - 1, 10)]),
        )

    def _driven_to_the_bounds(self, trace: Trace) -> bool:
        """Hidden units that were free at the start stand at their bounds: the outputs got that far at the price of what they say."""
        shares = [s.values for s in trace.each("activation.saturated_share") if s.place.role == "hidden" and len(s) > 1]
        return any(float(v[0]) < self.free and float(np.median(v[len(v) // 2 :])) > self.max_pinned for v in shares)

    @staticmethod
    def _moments(trace: Trace, names: Moments, last: int | None = None) -> tuple[float, float]:
        """Mean and standard deviation over the samples of all batches (of the newest `last` ones)."""
        mean, std = _seen(trace, names[0]), _seen(trace, names[1])
        if mean is None or std is None:
            return math.nan, math.nan
        means, stds = mean.values.astype(float), std.values.astype(float)
        if last is not None:
            means, stds = means[-last:], stds[-last:]
        return float(np.mean(means)), float(np.sqrt(np.mean(stds**2) + np.var(means)))


def _seen(trace: Trace, name: str) -> Signal | None:
    return next(iter(trace.each(name)), None)
