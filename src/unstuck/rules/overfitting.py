from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class Overfitting(Rule):
    """Training goes on improving while validation gets worse: the net learns its samples by heart.

    ## What it sees
    At least `min_points` validation phases (the training set that is evaluated beside another set does not count). It speaks when the validation loss has risen by `min_rise` above its best and goes on rising, and
    the training batches are answered clearly better than the validation samples (or validation itself answers worse than it once did, of a
    net that knows at least `min_train` of its training samples); or
    when the training samples are known by heart (`by_heart`) far beyond what validation, best in the first half, shows.
    A rising cross-entropy alone is no sign: it rises with growing certainty while the accuracy stays.
    ## Why it matters
    What is learned after the turning point is the noise of the training samples.
    ## When it is wrong
    Training and validation data that differ (another rule), targets that belong to other samples (another rule).
    One look at other data (a test set at the end) is no course: the end is the median of three phases at least.
    ## References
    Prechelt (1998), "Early stopping, but when?".
    """

    zh = """训练集上继续变好，验证集上却变差：网络在死记样本。

    ## 看到什么
    至少 `min_points` 次验证（与另一数据集一同评估的训练集本身不计）。当验证损失比其最低点高出 `min_rise` 且仍在上升，并且训练批次明显答得比验证样本好（或验证水平低于曾经的水平，而训练样本的水平至少为 `min_train`）
    时报告；若训练样本已被背熟（`by_heart`）、远好于前半程即达到最好的验证，也报告。仅有交叉熵上升不算：准确率不变时，置信度增大也会使其上升。
    ## 为什么重要
    转折点之后学到的是训练样本中的噪声。
    ## 何时会错
    训练集与验证集分布不同（另有规则）、目标与样本错位（另有规则）。
    最后对其他数据（测试集）的一次评估不算走势：终值至少取三次验证的中位数。
    ## 参考文献
    Prechelt (1998), "Early stopping, but when?"。
    """

    root_cause = "overfitting"
    patience = 100

    min_points: int = 4  # validation phases; trainproof uses 4
    min_rise: float = 0.2  # share of the best validation loss; trainproof uses 0.2
    min_gap: float = 0.15  # skill of training less skill of validation (0 = chance, 1 = perfect)
    wide_gap: float = 0.4  # the same, where validation has only stood still since the first half of the run
    by_heart: float = 0.9  # skill of training at which the samples are known by heart
    every_one: float = 0.97  # the same, surely: then a rise below `min_rise` closes the gap between `wide_gap` and `min_gap` in proportion
    min_fall: float = 0.1  # skill of validation lost since its best
    min_train: float = 0.2  # skill of training without which that is no overfitting; our choice

    def check(self, trace: Trace) -> Iterator[Finding]:
        if reading.adversarial(trace):
            raise CannotLook(
                "several models, each with its own optimizer, have no common score", "多个模型各有自己的优化器，没有共同的得分"
            )
        scores = trace.signal("validation.accuracy") or trace.signal("validation.r2")
        losses = trace.signal("validation.loss")
        if scores is None and losses is None:
            raise CannotLook("no validation phase was seen", "没有看到验证阶段")
        curve = losses if losses is not None else scores
        assert curve is not None
        if len(curve.finite()) < self.min_points:
            raise CannotLook(f"fewer than {self.min_points} validation phases", f"验证阶段少于 {self.min_points} 次")
        train, valid = reading.skill(trace), reading.skill(trace, "validation")
        gap = train - valid if train is not None and valid is not None else None
        values = curve.finite().astype(float) * (1.0 if curve is losses else -1.0)
        best = int(values.argmin())
        tail = float(np.median(values[-max(3, len(values) // 5) :]))  # of three: one look at other data is no course
        scale = abs(values[best]) if curve is losses else 1.0
        rise = (tail - values[best]) / max(scale, 1e-9)
        limit = self.min_rise if curve is losses else self.min_fall
        after = len(values) - 1 - best
        lost = self._lost(trace)
        worse = rise > limit and after >= max(2, len(values) // 5)
        known = train is None or train >= self.min_train  # what knows nothing of its training samples has lost its way, not overfitted
        worse = worse and ((gap is not None and gap > self.min_gap) or (lost > self.min_fall and known))
        share = min(max(rise / limit, 0.0), 1.0) if (train or 0.0) > self.every_one else 0.0
        wide = self.wide_gap - share * (self.wide_gap - self.min_gap)
        by_heart = gap is not None and gap > wide and (train or 0.0) > self.by_heart and best <= len(values) // 2
        if not worse and not by_heart:
            return
        yield self.finding(
            Text(
                "Validation was best at step {best} and is {rise:.0%} worse at the end; training batches reach a skill of {train}, "
                "validation {valid} (0 = chance, 1 = perfect).",
                "验证在第 {best} 步最好，最后差了 {rise:.0%}；训练批次的水平为 {train}，验证为 {valid}（0 = 随机，1 = 完美）。",
            ).format(best=int(curve.steps[best]), rise=rise, train=_shown(train), valid=_shown(valid)),
            confidence=min(0.95, 0.6 + min(rise, 1.0) * 0.2 + (gap or 0.0) * 0.3),
            evidence=[self.evidence(curve, best), self.evidence(curve)],
            first_step=int(curve.steps[min(best + max(2, len(values) // 5), len(values) - 1)]),
        )

    @staticmethod
    def _lost(trace: Trace) -> float:
        """Skill of validation lost since its best."""
        for kind in ("accuracy", "r2"):
            signal = trace.signal(f"validation.{kind}")
            if signal is not None and len(signal.finite()) >= 4:
                chance = reading.chance_share(trace)
                last = reading.skill_of(signal.finite()[-max(1, len(signal) // 5) :], kind, chance)
                return reading.skill_of([float(np.max(signal.finite()))], kind, chance) - last
        return 0.0


def _shown(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"
