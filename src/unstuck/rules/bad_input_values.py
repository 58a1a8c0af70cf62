from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Evidence, Finding, Place, Signal, Text, Trace


@dataclass(frozen=True)
class BadInputValues(Rule):
    """The inputs hold NaN, nothing at all, columns without content, place holders for "not known", or numbers that wrapped around.

    ## What it sees
    The values at the model's door: any that is not finite; no variation in any batch; samples that hold one number everywhere
    (`min_blank`), where the net does poorly; in a table of at most 64 dense features, a share of
    at least `min_constant` that never varies; a feature whose extreme value occurs again and again far from all others (-999); neighbours
    in an image or series that become far more alike when the range is joined at its ends (`max_wrap`), as after an overflow of an integer
    type; an image of which only `max_content` differs from its background, with two or three values (an integer division).
    ## Why it matters
    NaN makes every weight NaN within one step; the others quietly take the information away.
    ## When it is wrong
    The borders of images are constant, one-hot and bag-of-words features are mostly zero: constant features count only in dense tables.
    All but NaN and constant inputs are a note where the net learns well.
    ## References
    Breck et al. (2019), "Data validation for machine learning"; torch-audit TA300-305.
    """

    zh = """输入中有 NaN、毫无内容、没有内容的列、表示“未知”的占位值，或发生回绕的数。

    ## 看到什么
    模型入口处的数值：有非有限值；所有批次都没有变化；处处是同一个数的样本（`min_blank`），且网络学得不好；至多 64 个特征的稠密表格中至少 `min_constant` 的特征从不变化；某特征的极端值反复出现
    且远离其余值（-999）；图像或序列在把取值范围首尾相接后相邻值变得相近得多（`max_wrap`），如整数类型溢出；图像只有 `max_content`
    异于背景且只有两三个取值（整数除法）。
    ## 为什么重要
    NaN 在一步之内使所有权重变为 NaN；其余情况则悄悄带走了信息。
    ## 何时会错
    图像边缘恒定，one-hot 与词袋特征大多为零：恒定特征只在稠密表格中计入。除 NaN 与恒定输入外，网络学得好时只作提示。
    ## 参考文献
    Breck 等 (2019), "Data validation for machine learning"；torch-audit TA300-305。
    """

    root_cause = "bad-input-values"
    needs = ("input.std", "input.nonfinite_share")
    explains = (
        "non-finite", "inputs-not-normalised", "dead-units", "saturated-activation", "underfitting", "overfitting", "label-noise", "lr-too-low",
        "split-mismatch", "vanishing-gradient", "exploding-gradient", "class-imbalance", "bad-init-scale", "batchnorm-misuse",
        "leakage",
    )  # fmt: skip

    min_blank: float = 0.1  # share of the samples whose elements are all equal; our choice
    min_constant: float = 0.2  # share of a dense table's features; our choice
    max_zero: float = 0.3  # share of zeros beyond those features above which a table is not dense
    max_wrap: float = 0.6  # mean difference of neighbours after joining the ends of the range, over that before
    max_content: float = 0.15  # share of an image's values that are not zero; written digits have 0.2, one-hot planes are not images
    max_channels: int = 4  # of an image
    enough: float = 0.5  # skill, or share of the loss that is gone: constant inputs leave less
    good_skill: float = 0.9  # 0 = chance, 1 = perfect
    min_batches: int = 5  # sampled batches without any variation

    def check(self, trace: Trace) -> Iterator[Finding]:
        std, bad = trace.signal("input.std", "input"), trace.signal("input.nonfinite_share", "input")
        assert std is not None and bad is not None
        broken = np.flatnonzero(bad.values > 0)
        loss = trace.signal("loss.value")
        if not len(broken) and trace.note("nonfinite.born") == "input" and loss is not None:
            lost = np.flatnonzero(~np.isfinite(loss.values))
            step = int(loss.steps[lost[0]]) if len(lost) else 0
            yield self._finding(
                Text("The inputs of step {t} hold NaN or Inf.", "第 {t} 步的输入含有 NaN 或 Inf。").format(t=step), "error", 0.97, [], step
            )
            return
        if len(broken):
            yield self._finding(
                Text("{s:.2%} of the input values of step {t} are NaN or Inf.", "第 {t} 步的输入中有 {s:.2%} 为 NaN 或 Inf。").format(
                    s=float(bad.values[broken[0]]), t=int(bad.steps[broken[0]])
                ),
                "error", 0.97, [self.evidence(bad, int(broken[0]))], int(bad.steps[broken[0]]),
            )  # fmt: skip
            return
        if len(std) < self.min_batches:
            raise CannotLook("too few batches", "批次太少")
        low, high = trace.signal("input.min", "input"), trace.signal("input.max", "input")
        same = low is not None and high is not None and len(low) == len(high) and bool((low.values == high.values).all())
        # (A standard deviation is rounded: of a constant -1.8 it is 8e-7.)
        if (same or float(std.values.max()) < 1e-12) and reading.learns(trace, self.enough) is not True:  # a boundary condition is constant
            yield self._finding(
                Text("The inputs do not vary at all: standard deviation 0 in {n} batches.", "输入毫无变化：{n} 个批次的标准差均为 0。").format(n=len(std)),
                "error", 0.95, [self.evidence(std)], int(std.steps[self.min_batches - 1]),
            )  # fmt: skip
            return
        blank = trace.signal("input.blank_share", "input")
        if blank is not None and blank.median() >= self.min_blank and reading.learns(trace, self.enough) is False:
            yield self._finding(
                Text(
                    "{s:.0%} of the samples hold the same number everywhere (limit {limit:.0%}): nothing is known of them.",
                    "{s:.0%} 的样本处处是同一个数（界限 {limit:.0%}）：关于它们没有任何信息。",
                ).format(s=blank.median(), limit=self.min_blank),
                "error", 0.9, [self.evidence(blank)], int(blank.steps[min(len(blank) - 1, 10)]),
            )  # fmt: skip
            return
        good = reading.learns(trace, self.good_skill) is True
        for message, confidence, signal in self._quiet(trace):
            yield self._finding(
                message, "note" if good else "warning", confidence, [self.evidence(signal)], int(signal.steps[min(len(signal) - 1, 10)])
            )
            return

    def _quiet(self, trace: Trace) -> Iterator[tuple[Text, float, Signal]]:
        """What leaves the numbers finite: message, confidence, evidence."""
        zero, levels = trace.signal("input.zero_share", "input"), trace.signal("input.levels", "input")
        sentinel, wrap = trace.signal("input.sentinel_share", "input"), trace.signal("input.wrap_ratio", "input")
        if zero is None or levels is None:
            return
        stds = list(trace.each("input.feature_std"))
        means = {s.place.name: abs(s.median()) for s in trace.each("input.feature_mean")}
        constant = [s for s in stds if len(s) >= self.min_batches and float(s.values.max()) <= 1e-6 * means.get(s.place.name, 0.0)]
        first = next((p for p in trace.facts.places if p.order == 0), None)
        table = first is None or "Conv" not in first.kind
        share = len(constant) / len(stds) if stds else 0.0
        dense = zero.median() - share <= self.max_zero * (1 - share) and levels.median() >= 100
        if table and dense and share >= self.min_constant and len(constant) < len(stds):
            yield (
                Text(
                    "{n} of {all} input features never vary ({share:.0%}, limit {limit:.0%}): {name} among them.",
                    "{all} 个输入特征中有 {n} 个从不变化（{share:.0%}，界限 {limit:.0%}），例如 {name}。",
                ).format(n=len(constant), all=len(stds), share=share, limit=self.min_constant, name=constant[0].place.name),
                0.85,
                constant[0],
            )
        if sentinel is not None and sentinel.median() > 0:
            yield (
                Text(
                    "In {s:.0%} of the input features one extreme value occurs again and again, far from all others.",
                    "{s:.0%} 的输入特征中有一个极端值反复出现，且远离其余取值。",
                ).format(s=sentinel.median()),
                0.75,
                sentinel,
            )
        if wrap is not None and wrap.median() < self.max_wrap and levels.median() >= 32:
            yield (
                Text(
                    "Neighbouring input values differ {r:.2f} times as much once the ends of their range are joined (limit {limit:g}): they have wrapped around.",
                    "把取值范围首尾相接后，相邻输入值的差只有原来的 {r:.2f} 倍（界限 {limit:g}）：数值发生了回绕。",
                ).format(r=wrap.median(), limit=self.max_wrap),
                0.85,
                wrap,
            )
        same = max(zero.median(), self._commoner(trace)) if levels.median() <= 2 else zero.median()
        if self._image(trace, first) and 1 - same <= self.max_content and levels.median() <= 3:
            yield (
                Text(
                    "{s:.1%} of the input values are the same, the others take {n:.0f} values.",
                    "{s:.1%} 的输入值相同，其余只有 {n:.0f} 种取值。",
                ).format(s=same, n=max(levels.median() - 1, 1)),
                0.8,
                zero,
            )

    @staticmethod
    def _commoner(trace: Trace) -> float:
        """Share of the commoner of two values, from their mean; 0 where that is not known."""
        low, high, mean = (
            s.median() if (s := trace.signal(f"input.{n}", "input")) is not None else math.nan for n in ("min", "max", "mean")
        )
        share = (mean - low) / (high - low) if high > low else math.nan
        return max(share, 1 - share) if 0 <= share <= 1 else 0.0

    def _image(self, trace: Trace, first: Place | None) -> bool:
        """The first layer reads a picture: a convolution over two axes, of few channels (one-hot planes have more)."""
        if first is None or first.kind != "Conv2d":
            return False
        return any(p.module == first.name and len(p.shape) == 4 and p.shape[1] <= self.max_channels for p in trace.facts.parameters)

    def _finding(self, message: Text, severity: str, confidence: float, evidence: list[Evidence], first_step: int) -> Finding:
        return self.finding(message, severity=severity, confidence=confidence, evidence=evidence, first_step=first_step)  # type: ignore[arg-type]
