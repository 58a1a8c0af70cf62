from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class DeadUnits(Rule):
    """Units of a rectifier that output zero for every sample, so no gradient reaches their weights.

    ## What it sees
    The share of a layer's units (channels) that gave exact zeros for all samples of many batches (`activation.silent_share`: a window of 10
    to 20 sampled steps), lasting to the end, above `min_share`. Sparse is not dead: a unit that fires for a single sample counts as alive.
    ## Why it matters
    relu'(z) = 0 for z < 0: a unit below zero on all samples gets no gradient and cannot come back.
    ## When it is wrong
    Layers made to be sparse or much too wide; it is a note only where the net learns well with what is left.
    ## References
    Lu, Shin, Su, Karniadakis (2019), "Dying ReLU and Initialization".
    """

    zh = """整流激活的单元对每个样本都输出零，梯度传不到它们的权重。

    ## 看到什么
    一层中在许多批次的所有样本上恰为零的单元（通道）比例（`activation.silent_share`：10 至 20 个采样步的窗口），持续到最后且超过
    `min_share`。稀疏不等于死亡：只要对一个样本有输出就算存活。
    ## 为什么重要
    z < 0 时 relu'(z) = 0：对所有样本都小于零的单元得不到梯度，无法恢复。
    ## 何时会错
    有意稀疏或过宽的层；若网络靠剩下的单元仍学得好，则只作提示。
    ## 参考文献
    Lu, Shin, Su, Karniadakis (2019), "Dying ReLU and Initialization"。
    """

    root_cause = "dead-units"
    needs = ("activation.silent_share",)
    explains = ("vanishing-gradient", "underfitting", "lr-too-low", "symmetric-init", "blocked-gradient", "degradation")
    patience = 100

    min_share: float = 0.5  # share of the layer's units, 0..1; SageMaker's limit, but per unit over many batches
    sure_share: float = 0.9  # above it nearly nothing passes the layer
    min_spread: float = 0.02  # std over samples over the mean output: below it the layer says the same for all samples, which is not death
    good_skill: float = 0.85  # 0 = chance, 1 = perfect; above it dead units do no visible harm

    def check(self, trace: Trace) -> Iterator[Finding]:
        worst: list[tuple[float, Signal]] = []
        for signal in trace.each("activation.silent_share"):
            recent = signal.values[-5:]
            if self._collapsed(trace, signal.place.name):
                continue
            if len(signal) >= 3 and signal.place.role in ("hidden", "other") and float(recent.min()) >= self.min_share:
                worst.append((float(recent.min()), signal))
        if not worst:
            return
        share, signal = max(worst, key=lambda w: w[0])
        good = reading.learns(trace, self.good_skill)
        layers = sum(1 for _ in trace.each("activation.silent_share"))
        some = share < self.sure_share and len(worst) < layers / 2  # the signal has other ways
        severity = "note" if good or some else "error" if share >= self.sure_share else "warning"
        above = np.flatnonzero(signal.values >= self.min_share)
        yield self.finding(
            Text(
                "{share:.0%} of the units of {place} gave zero for every sample of the last batches (limit {limit:.0%}); "
                "so in {count} of {layers} rectified layers.",
                "{place} 有 {share:.0%} 的单元在最近各批次的所有样本上都输出零（界限 {limit:.0%}）；{layers} 个整流层中有 {count} 个如此。",
            ).format(
                share=share,
                place=signal.place.name,
                limit=self.min_share,
                count=len(worst),
                layers=layers,
            ),
            places=[s.place for _, s in worst],
            severity=severity,  # type: ignore[arg-type]
            confidence=0.5 + 0.45 * share,
            evidence=[self.evidence(s) for _, s in worst[:3]],
            first_step=int(signal.steps[above[0]]),
        )

    def _collapsed(self, trace: Trace, place: str) -> bool:
        """All samples give the same output there: each unit is always on or always off, because the signal was lost before this layer."""
        mean, spread = trace.signal("activation.mean", place), trace.signal("activation.spread", place)
        if mean is None or spread is None:
            return False
        return spread.median(10) < self.min_spread * abs(mean.median(10))
