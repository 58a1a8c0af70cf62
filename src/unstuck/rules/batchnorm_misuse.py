from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class BatchnormMisuse(Rule):
    """A batch norm works with statistics of too few samples, or its running statistics never match those of the batches.

    ## What it sees
    For each batch norm in training mode: the samples in a batch, and the values per channel. A batch of at most `max_batch` samples counts
    where the channel has at most `max_count` values and the net does poorly in validation (or in training). And the distance between running
    and batch statistics over the last samples: the mean off by more than `max_gap` batch standard deviations, or the variance by a factor
    of `max_factor`, while the net does well in training and poorly in validation (by its answers, or by a loss `max_loss_ratio` times as
    large). Or there is next to no distance (`newest_alone`): the momentum is near 1, Keras's 0.99 given to PyTorch, so that the last batch
    of an epoch decides the validation.
    ## Why it matters
    In training each sample is divided by statistics that its few neighbours made, in evaluation by running ones: two different functions.
    ## When it is wrong
    Convolutions on large images have many values per channel in any batch. Running statistics lag behind while the net moves fast; that
    alone is not reported. Nets whose validation is good are never reported.
    ## References
    Ioffe (2017), "Batch renormalization"; Wu, He (2018), "Group normalization".
    """

    zh = """批归一化使用的样本太少，或其滑动统计量始终与批统计量不符。

    ## 看到什么
    对每个处于训练模式的批归一化层：每批样本数与每通道数值个数。当批不超过 `max_batch` 个样本、每通道不超过 `max_count` 个数值，且验证（或
    训练）效果差时计入。另看最后若干采样中滑动统计量与批统计量的距离：均值相差超过 `max_gap` 个批标准差，或方差相差 `max_factor` 倍，而
    训练好、验证差（看回答，或损失达到 `max_loss_ratio` 倍）。或两者几乎没有距离（`newest_alone`）：动量接近 1（把 Keras 的 0.99 给了 PyTorch），验证便由每轮最后一个批次决定。
    ## 为什么重要
    训练时每个样本除以少数邻居给出的统计量，评估时除以滑动统计量：这是两个不同的函数。
    ## 何时会错
    大图像上的卷积无论批多小，每通道都有很多数值。网络变化快时滑动统计量会落后，仅此不报告。验证良好的网络从不报告。
    ## 参考文献
    Ioffe (2017), "Batch renormalization"；Wu, He (2018), "Group normalization"。
    """

    root_cause = "batchnorm-misuse"
    needs = ("norm.mean_gap", "norm.var_ratio", "norm.count")
    explains = ("overfitting", "batch-too-small", "label-noise", "underfitting", "exploding-gradient", "lr-too-high", "split-mismatch")
    patience = 100

    max_batch: int = 6  # samples; root-causes.md: 1-4; torch-audit warns below 8; scripts/margins.py
    max_count: float = 64.0  # values per channel; the error of a variance of n values is sqrt(2 / n), 18 % at 64
    max_gap: float = 0.4  # running mean off the batch mean, in batch standard deviations
    max_factor: float = 2.0  # running variance over batch variance or the reverse; 1.1 is usual at the end of a healthy run
    enough_skill: float = 0.82  # 0 = chance, 1 = perfect
    min_gap: float = 0.07  # training skill less validation skill, or the losses' difference as a share of that of knowing nothing
    max_loss_ratio: float = 3.0  # validation loss over training loss; our choice
    newest_alone: float = 0.1  # |running mean - batch mean| over the batch mean's own sampling error; at a momentum of 0.1 it is about 1
    min_batches: float = 4.0  # batches in the training set below which they are too alike to tell

    def check(self, trace: Trace) -> Iterator[Finding]:
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        size = trace.facts.batch_size
        counts = list(trace.each("norm.count"))
        if not counts:
            return
        if (trace.note("modes.training.train") or trace.note("modes.training.root.train")) and 0 < size <= self.max_batch:
            few = [s for s in counts if s.median() <= self.max_count]
            judged = validation if validation is not None else training
            if few and judged is not None and judged < self.enough_skill:
                yield self._few(few, size, judged)
                return
        stale = self._stale(trace)
        if not stale:
            if newest := self._newest(trace, training, validation):
                yield newest
            return
        if validation is None:
            raise CannotLook("no validation to compare with", "没有验证可供比较")
        if training is None or max(training - validation, self._loss_gap(trace)) < self.min_gap:
            return
        worst, gap, factor = max(stale, key=lambda s: s[1] + math.log(s[2]))
        yield self.finding(
            Text(
                "In {count} of {all} batch norms the running statistics do not match the batches': in {place} the mean is {gap:.2g} standard deviations "
                "off and the variance a factor of {factor:.2g} (limits {g:g} and {f:g}); the skill is {t:.2f} in training and {v:.2f} in validation.",
                "{all} 个批归一化层中有 {count} 个的滑动统计量与批统计量不符：{place} 的均值相差 {gap:.2g} 个标准差，方差相差 {factor:.2g} 倍"
                "（界限 {g:g} 与 {f:g}）；训练水平为 {t:.2f}，验证为 {v:.2f}。",
            ).format(
                count=len(stale), all=len(counts), place=worst.place.name, gap=gap, factor=factor, g=self.max_gap, f=self.max_factor,
                t=training, v=validation,
            ),
            places=[s.place for s, _, _ in stale],
            severity="error",
            confidence=0.9,
            evidence=[self.evidence(worst)],
            first_step=int(worst.steps[min(len(worst) - 1, 10)]),
        )  # fmt: skip

    def _loss_gap(self, trace: Trace) -> float:
        """What validation loses over training, as a share of the loss of knowing nothing: classes may still be told apart while the loss suffers."""
        loss, course, chance = trace.signal("validation.loss"), reading.course(trace), reading.chance_loss(trace)
        if loss is None or course is None or not chance or not len(loss.finite()) or loss.last < self.max_loss_ratio * course.last:
            return 0.0
        return (loss.last - course.last) / chance

    def _stale(self, trace: Trace) -> list[tuple[Signal, float, float]]:
        found = []
        for signal in trace.each("norm.mean_gap"):
            ratio = trace.signal("norm.var_ratio", signal.place.name)
            if ratio is None or len(signal.finite()) < 5:
                continue
            gap = signal.median(8)
            factor = math.exp(abs(float(np.median(np.log(np.maximum(ratio.finite()[-8:], 1e-12))))))
            if gap > self.max_gap or factor > self.max_factor:
                found.append((signal, gap, factor))
        return found

    def _newest(self, trace: Trace, training: float | None, validation: float | None) -> Finding | None:
        """The running statistics are those of the newest batch (a momentum near 1): the epoch's last batch, however small, decides the validation."""
        known = trace.signal("validation.trained_rows")
        if training is None or validation is None or training - validation < self.min_gap or known is None or not len(known):
            return None
        if known.last < self.min_batches * trace.facts.batch_size:
            return None  # batches that hold most of the set are alike
        gaps = [(s, trace.signal("norm.count", s.place.name)) for s in trace.each("norm.mean_gap") if len(s.finite()) >= 5]
        # A momentum m leaves (1 - m) of the way to the batch's mean, which is itself off by 1 / sqrt(n): all layers share it, or it is chance.
        ratios = [s.median() * math.sqrt(n.median()) if n is not None else math.inf for s, n in gaps]
        settled = bool(ratios) and float(np.median(ratios)) <= self.newest_alone and max(ratios) <= 5 * self.newest_alone
        if not settled:
            return None
        worst = gaps[int(np.argmax(ratios))][0]
        return self.finding(
            Text(
                "The running statistics of {count} batch norms are those of the newest batch alone (their means are {ratio:.2g} of a batch's sampling "
                "error apart, limit {limit:g}): the momentum is near 1, and the skill is {t:.2f} in training and {v:.2f} in validation.",
                "{count} 个批归一化层的滑动统计量只等于最近一个批次的统计量（两者均值相差批次抽样误差的 {ratio:.2g}，界限 {limit:g}）：动量接近 1，"
                "训练水平为 {t:.2f}，验证为 {v:.2f}。",
            ).format(count=len(gaps), ratio=float(np.median(ratios)), limit=self.newest_alone, t=training, v=validation),
            places=[s.place for s, _ in gaps],
            severity="error",
            confidence=0.9,
            evidence=[self.evidence(worst)],
            first_step=int(worst.steps[min(len(worst) - 1, 10)]),
        )

    def _few(self, few: list[Signal], size: int, skill: float) -> Finding:
        return self.finding(
            Text(
                "{count} batch norms take their statistics from {size} samples ({values:.0f} values per channel, limit {limit:g}); "
                "the skill is {skill:.2f} (0 = chance, 1 = perfect).",
                "{count} 个批归一化层的统计量来自 {size} 个样本（每通道 {values:.0f} 个数值，界限 {limit:g}）；水平为 {skill:.2f}（0 为随机，1 为完美）。",
            ).format(count=len(few), size=size, values=few[0].median(), limit=self.max_count, skill=skill),
            places=[s.place for s in few],
            severity="error",
            confidence=0.85,
            evidence=[self.evidence(few[0], 0)],
            first_step=int(few[0].steps[0]),
        )
