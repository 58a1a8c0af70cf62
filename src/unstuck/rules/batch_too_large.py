from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class BatchTooLarge(Rule):
    """Few, nearly identical steps: the batch is far larger than its gradient's noise asks for, and the run ends before it has learned.

    ## What it sees
    The gradient noise scale over the batch size below `max_ratio`, successive gradients that agree, few steps in all, a loss that is still
    falling at the end, gradients that still agree there (`late_cosine`), and a poor result. Where every batch is the whole set and there were at
    most `few_steps`, the noise scale is not asked. In a run of fewer than ten steps the result must have been
    scored.
    ## Why it matters
    Beyond the noise scale, doubling the batch costs twice and brings nothing: the same samples in smaller batches give many more steps.
    ## When it is wrong
    Full-batch descent on a small set for many steps is a choice; it is silent where the net learns, and where the loss is taken over fewer
    rows than go in (the labelled nodes of a graph: the batch cannot be divided).
    ## References
    McCandlish, Kaplan, Amodei et al. (2018), "An empirical model of large-batch training".
    """

    zh = """步数少且几乎相同：批次远大于梯度噪声所需，训练在学会之前就结束了。

    ## 看到什么
    梯度噪声尺度与批大小之比低于 `max_ratio`，相邻梯度方向一致，总步数少，结束时损失仍在下降、梯度方向仍然一致（`late_cosine`），而结果不佳。若每批就是整个训练集且步数不超过 `few_steps`，则不看噪声尺度。若总共不足十步，则结果必须是打过分的。
    ## 为什么重要
    超过噪声尺度之后，批次加倍只是代价加倍而毫无收益：同样的样本用较小的批次可以多走许多步。
    ## 何时会错
    在小数据集上用全批梯度下降训练很多步是一种选择；网络学好时不报告；损失只取输入中的一部分行时（图中有标签的节点，批次不可拆分）也不报告。
    ## 参考文献
    McCandlish, Kaplan, Amodei 等 (2018), "An empirical model of large-batch training"。
    """

    root_cause = "batch-too-large"
    needs = ("gradient.noise_ratio", "loss.value")
    explains = ("lr-too-low", "underfitting")
    patience = 100

    max_ratio: float = 0.1  # noise scale over batch size; detections.md: batch above 10 times the noise scale
    min_batch: int = 256  # samples
    min_seen: int = 5  # steps in which the noise was measured
    max_steps: int = 1000  # optimizer steps of the whole run; our choice
    few_steps: int = 75  # optimizer steps on the whole set; full-batch descent takes hundreds
    min_cosine: float = 0.75  # agreement of successive gradients, -1..1; our choice
    late_cosine: float = 0.4  # the same of the last 8 sampled steps: what has been learned to the noise is at its end; our choice
    enough_skill: float = 0.85  # 0 = chance, 1 = perfect
    min_step: float = 1e-3  # update over weight, the layer with the largest one: CS231n's usual size, so it is the steps that are few

    def check(self, trace: Trace) -> Iterator[Finding]:
        batch, steps = trace.facts.batch_size, trace.facts.steps
        if not batch:
            raise CannotLook("the batch size was not seen", "没有看到批大小")
        noise, cosine = trace.signal("gradient.noise_ratio"), trace.signal("gradient.cosine")
        course = reading.course(trace)
        assert noise is not None
        loss = trace.signal("loss.value")
        assert loss is not None
        if batch < self.min_batch or steps > self.max_steps or cosine is None or not len(loss) or not np.isfinite(loss.values[-1]):
            return
        if course is not None and not course.finite:
            return
        learned = reading.learns(trace, self.enough_skill)
        if learned or (learned is None and course is None) or len(noise) < self.min_seen:
            return
        if trace.facts.loss is not None and trace.facts.loss.input_shape[:1] and trace.facts.loss.input_shape[0] < batch:
            return  # of what goes in, a part is answered for (the labelled nodes of a graph): no samples that smaller batches could hold
        ratio = noise.median()
        values = loss.finite().astype(float)
        third = max(3, len(values) // 3)
        falling = float(np.median(values[-third // 2 :])) < float(np.median(values[-third : -third // 2])) * (1 - 1e-3)
        # Steps that are all but the same need no better proof.
        limit = 3 * self.max_ratio if cosine.median() > (1 + self.min_cosine) / 2 else self.max_ratio
        if self._whole_set(trace) and steps <= self.few_steps and not learned:
            limit = math.inf  # it cannot be larger, and next to nothing was done: how many samples would have been enough says nothing
        if not ratio <= limit or cosine.median() < self.min_cosine or not falling or cosine.median(8) < self.late_cosine:
            return
        yield self.finding(
            Text(
                "A batch holds {batch} samples, {times:.0f} times the gradient noise scale; successive gradients agree by {cos:.2f}, and after "
                "{steps} steps the loss is still falling ({last:.3g}).",
                "每批 {batch} 个样本，是梯度噪声尺度的 {times:.0f} 倍；相邻梯度的一致性为 {cos:.2f}，{steps} 步之后损失仍在下降（{last:.3g}）。",
            ).format(batch=batch, times=1 / max(ratio, 1e-6), cos=cosine.median(), steps=steps, last=values[-1]),
            confidence=0.75 if self._steps_are_usual(trace) else 0.6,
            evidence=[self.evidence(noise), self.evidence(cosine)],
        )

    def _whole_set(self, trace: Trace) -> bool:
        """Every batch holds all rows that are ever trained on."""
        known = trace.signal("validation.trained_rows")
        rows = known is not None and len(known) > 0 and known.last <= 1.02 * trace.facts.batch_size
        return trace.facts.epoch_steps == 1 or rows

    def _steps_are_usual(self, trace: Trace) -> bool:
        """Single steps are not small, so a larger learning rate is not what is missing first."""
        ratios = [s.median() for s in reading.weight_updates(trace) if len(s.finite())]
        return bool(ratios) and max(ratios) >= self.min_step
