from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class BatchTooSmall(Rule):
    """The gradient of one batch is nearly all noise: the steps cancel one another.

    ## What it sees
    The gradient noise scale over the batch size (`gradient.noise_ratio`) above `min_ratio` (a third of it where the score of validation goes up and down, or is
    worse than that of knowing nothing), a batch of at most `max_batch` samples, and a loss
    that swings from batch to batch and does not come down: its median over the run falls by less than `max_fall` (or it has gone up again by
    `min_rise`).
    ## Why it matters
    With noise scale B_noise, a batch of B samples makes B / (B + B_noise) of the progress of a full one; far below B_noise the learning rate
    has to fall in proportion.
    ## When it is wrong
    Online learning with a small learning rate does well with single samples; it is silent where the net learns, or where most losses end near
    zero though some are far off. A loss of the script's own that is no measure of success (policy gradients) is not looked at.
    ## References
    McCandlish, Kaplan, Amodei et al. (2018), "An empirical model of large-batch training".
    """

    zh = """单个批次的梯度几乎全是噪声：各步相互抵消。

    ## 看到什么
    梯度噪声尺度与批大小之比（`gradient.noise_ratio`）高于 `min_ratio`（若验证得分上下摆动，或比一无所知还差，则三分之一即可），批大小不超过 `max_batch`，且损失在批次之间大幅摆动、降不下来：其中位数在整个训练中的降幅不足 `max_fall`（或又上升了 `min_rise`）。
    ## 为什么重要
    噪声尺度为 B_noise 时，大小为 B 的批次只取得全批 B / (B + B_noise) 的进展；远小于 B_noise 时学习率必须按比例减小。
    ## 何时会错
    小学习率的在线学习用单个样本也能学好；网络在学习时，或虽有个别损失很大、多数损失已接近零时，不报告。脚本自定的、并不衡量好坏的损失
    （策略梯度）不看。
    ## 参考文献
    McCandlish, Kaplan, Amodei 等 (2018), "An empirical model of large-batch training"。
    """

    root_cause = "batch-too-small"
    needs = ("gradient.noise_ratio", "loss.value")
    explains = ("lr-too-high", "underfitting", "batchnorm-misuse", "overfitting")
    patience = 100

    min_ratio: float = 10.0  # noise scale over batch size; detections.md starts at 30
    min_wobble: float = 0.04  # std of the skill of validation over the last half of its phases; then a third of the ratio is enough
    min_swing: float = 0.3  # std of the loss over its mean, over the last quarter of the run; our choice
    max_batch: int = 8  # samples
    enough_skill: float = 0.8  # 0 = chance, 1 = perfect
    good_skill: float = 0.9  # the same, where the loss is at the end above its best by `min_rise`: what was learned is lost again
    min_rise: float = 0.2  # share of the best tenth of the loss
    max_fall: float = 0.8  # share of the median loss that is gone at the end: up to 0.5 where the steps cancel one another, else 0.99

    def check(self, trace: Trace) -> Iterator[Finding]:
        batch = trace.facts.batch_size
        if not batch:
            raise CannotLook("the batch size was not seen", "没有看到批大小")
        if reading.calls_per_step(trace)[1] > 1:
            raise CannotLook(
                "the model is called several times for one step, so a batch is more than it is given at a time",
                "每一步多次调用模型，因此一批不止是它一次得到的样本",
            )
        noise, loss = trace.signal("gradient.noise_ratio"), trace.signal("loss.value")
        assert noise is not None and loss is not None
        if batch > self.max_batch or len(noise) < 10 or reading.learns(trace, self.good_skill if self._lost(trace) else self.enough_skill):
            return
        course = reading.course(trace)
        if trace.facts.loss is not None and trace.facts.loss.kind == "unknown" and reading.best_skill(trace) is None:
            raise CannotLook("what the loss measures is not known", "不知道损失衡量的是什么")
        if course is not None and course.fall >= self.max_fall and not self._lost(trace):
            return  # single samples far off make its mean swing; most of them are answered all but perfectly
        ratio = float(np.median(noise.values[5:]))
        tail = loss.finite()[-max(20, len(loss) // 4) :].astype(float)
        swing = float(tail.std() / max(abs(tail.mean()), 1e-12)) if len(tail) else 0.0
        astray = (reading.skill(trace, "validation") or 0.0) < 0  # worse than knowing nothing
        wobbles = ratio >= self.min_ratio / 3 and (astray or self._wobble(trace) >= self.min_wobble)
        if not (ratio >= self.min_ratio or wobbles) or swing < self.min_swing:
            return
        shown = f"{ratio:.0f}" if np.isfinite(ratio) else "inf"
        yield self.finding(
            Text(
                "A batch holds {batch} samples, the gradient noise scale is {ratio} times that, and the loss swings by {swing:.0%} of its mean "
                "from batch to batch.",
                "每批 {batch} 个样本，梯度噪声尺度是其 {ratio} 倍，损失在批次之间摆动幅度为均值的 {swing:.0%}。",
            ).format(batch=batch, ratio=shown, swing=swing),
            confidence=0.65,
            evidence=[self.evidence(noise)],
            first_step=int(noise.steps[min(9, len(noise) - 1)]),
        )

    def _lost(self, trace: Trace) -> bool:
        """The steps have carried the net away from where it was."""
        course = reading.course(trace)
        return course is not None and course.finite and course.last > (1 + self.min_rise) * max(course.best, 0.0)

    @staticmethod
    def _wobble(trace: Trace) -> float:
        """How far the score of validation goes up and down at the end."""
        signal = trace.signal("validation.accuracy") or trace.signal("validation.r2")
        values = signal.finite() if signal is not None else np.empty(0)
        return float(np.std(values[len(values) // 2 :])) if len(values) >= 4 else 0.0
