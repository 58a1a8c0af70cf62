from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class InputsNotNormalised(Rule):
    """The input features are far from unit scale, off-centre, or of very different scales.

    ## What it sees
    Mean and standard deviation of up to 64 features over the first batches, at the model's door (of batches of one sample: of all features
    together). It speaks when the largest feature is
    beyond `max_scale` (or all are below `min_scale`), or what all samples have in common is more than `max_offset` times what tells them
    apart (of the typical feature, or of all features together), and names the ratio between features. Standardised data leave [-1, 1]: that is no sign.
    ## Why it matters
    The condition number of the first layer's problem is that of the inputs' covariance; a feature in the thousands dictates the step, and
    saturates or kills the units that read it.
    ## When it is wrong
    Models that normalise first (a norm layer at the door), counts read by robust layers; a note only where the net learns well.
    ## References
    LeCun, Bottou, Orr, Müller (1998), "Efficient BackProp", section 4.3.
    """

    zh = """输入特征远离单位尺度、偏离中心，或彼此尺度悬殊。

    ## 看到什么
    模型入口处前几个批次中至多 64 个特征的均值与标准差（每批一个样本时取全部特征合计）。最大的特征超过 `max_scale`（或全部低于 `min_scale`），或所有样本共有的部分超过样本间差别的
    `max_offset` 倍（典型特征，或全部特征合计）时报告，并给出特征之间的尺度比。标准化后的数据会超出 [-1, 1]，这不是问题。
    ## 为什么重要
    第一层问题的条件数就是输入协方差的条件数；数值上千的特征决定步长，并使读取它的单元饱和或死亡。
    ## 何时会错
    先做归一化的模型（入口即归一化层）、由稳健层读取的计数特征；网络学得好时只作提示。
    ## 参考文献
    LeCun, Bottou, Orr, Müller (1998), "Efficient BackProp" 第 4.3 节。
    """

    root_cause = "inputs-not-normalised"
    needs = ("input.mean", "input.std")
    explains = (
        "saturated-activation", "dead-units", "vanishing-gradient", "exploding-gradient", "lr-too-high", "lr-too-low", "bad-init-scale",
        "underfitting", "non-finite", "overfitting", "momentum-too-high",
    )  # fmt: skip

    max_scale: float = 7.0  # root mean square of a feature; detections.md starts at a std of 10; down to 2.5 no healthy run alarms
    min_scale: float = 0.01  # all features below it
    max_offset: float = 5.0  # mean over std, of the typical feature or of the vector of all, where that mean is above 1
    good_skill: float = 0.85  # 0 = chance, 1 = perfect

    def check(self, trace: Trace) -> Iterator[Finding]:
        means, stds = self._moments(trace)
        first = next((p for p in trace.facts.places if p.order == 0), None)
        if first is not None and (first.kind in reading.NORMALISING or first.kind == "Embedding"):
            raise CannotLook("the first layer normalises or embeds its input", "第一层会归一化或嵌入其输入")
        good = np.isfinite(means) & np.isfinite(stds)
        means, stds = means[good], stds[good]
        moving = stds > 1e-12
        if not moving.any():
            return
        means, stds = means[moving], stds[moving]
        rms = np.sqrt(means**2 + stds**2)
        ratio = float(stds.max() / np.median(stds))
        offset = float(np.median(np.abs(means) / stds)) if np.median(np.abs(means)) > 1 else 0.0
        common = float(np.linalg.norm(means))  # every sample is this vector and a little more
        offset = max(offset, common / float(np.linalg.norm(stds)) if common > 1 else 0.0)
        if rms.max() <= self.max_scale and rms.max() >= self.min_scale and offset <= self.max_offset:
            return
        if reading.learns(trace, self.good_skill) and (reading.skill(trace, "validation") or 1.0) >= self.good_skill:
            severity = "note"
        else:
            severity = "error" if rms.max() > 3 * self.max_scale or offset > self.max_offset else "warning"
        worst = int(rms.argmax())
        yield self.finding(
            Text(
                "The input's features reach a root mean square of {rms:.3g} (limit {limit:g}); the largest has mean {mean:.3g} and standard "
                "deviation {std:.3g}; the scales differ by a factor of up to {ratio:.2g} from the median; the mean is up to {offset:.2g} times the "
                "standard deviation.",
                "输入特征的均方根达到 {rms:.3g}（界限 {limit:g}）；最大的特征均值 {mean:.3g}、标准差 {std:.3g}；各特征尺度与中位数相差最多 {ratio:.2g} 倍；均值最多为标准差的 {offset:.2g} 倍。",
            ).format(
                rms=float(rms.max()), limit=self.max_scale, mean=float(means[worst]), std=float(stds[worst]), ratio=ratio, offset=offset
            ),
            places=[p for p in (first,) if p is not None],
            severity=severity,  # type: ignore[arg-type]
            confidence=0.9,
            evidence=[self.evidence(s) for s in [*trace.each("input.feature_std"), *trace.each("input.std")][:1]],
        )

    @staticmethod
    def _moments(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each feature [F]; of batches of one sample, which have none, those of all features together [1]."""
        means = np.array([s.median(20) for s in trace.each("input.feature_mean")])
        if len(means) or trace.facts.batch_size != 1:
            return means, np.array([s.median(20) for s in trace.each("input.feature_std")])
        mean, std = trace.signal("input.mean", "input"), trace.signal("input.std", "input")
        if mean is None or std is None:
            raise CannotLook("no floating-point inputs were seen", "没有看到浮点输入")
        typical = mean.median()
        # What lies between the samples counts as well as what lies between the features of one.
        return np.array([typical]), np.array([np.hypot(std.median(), np.median(np.abs(mean.values - typical)))])
