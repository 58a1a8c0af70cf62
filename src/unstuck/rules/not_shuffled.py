from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class NotShuffled(Rule):
    """The training samples come in an order: batches of one class after the other, or along time.

    ## What it sees
    How much the batches differ from one another beside how much samples differ within a batch. Classes: the variance of the classes' shares
    between sampled batches over what drawing at random would give; with batches that hold nearly one class, or neighbouring batches that
    are alike while distant ones are not. Real targets: the share of their variance that lies between batches, above `min_between`, and the
    same of an input (half of that where the batches are stretches of the sorted targets, `all_between`). An input alone: nearly all its variance lies between batches (`max_within`), samples are met again in that order, and even at
    the end the gradients of neighbouring batches point the same way (`min_cosine`): each stretch pulls the net to itself. It is an alarm only
    where the net does not do well (below `enough_skill`; below `pure_skill` where the batches hold one class each).
    ## Why it matters
    Every step is a gradient of the present class alone: the net follows the order and forgets, and batch statistics are those of one class.
    ## When it is wrong
    Curricula, episodes, samplers that group classes, and sequences whose order carries the state are ordered on purpose: there the net learns,
    and this is silent.
    ## References
    Bengio (2012), "Practical recommendations for gradient-based training of deep architectures", on the order of examples.
    """

    zh = """训练样本有固定的次序：按类别一批接一批，或沿时间排列。

    ## 看到什么
    批次之间的差异与批内样本差异之比。类别：采样批次之间各类占比的方差与随机抽样应有的方差之比；同时批内几乎只有一个类别，或相邻批次
    相似而相隔较远的不相似。实数目标：其方差中位于批次之间的部分高于 `min_between`，某个输入也是如此（若批次是排好序的目标的一段段，`all_between`，则一半即可）。仅有输入：其方差几乎全部位于批次之间
    （`max_within`），样本按此次序反复出现，且直到最后相邻批次的梯度仍指向同一方向（`min_cosine`）：每一段都把网络拉向自己。只有网络做得不好时
    才告警（低于 `enough_skill`；每批只有一个类别时低于 `pure_skill`）。
    ## 为什么重要
    每一步只是当前类别的梯度：网络跟着次序走并且遗忘，批统计量也只属于一个类别。
    ## 何时会错
    课程学习、按回合抽样、按类分组的采样器、以及次序带有状态的序列都是有意排序：此时网络在学习，不报告。
    ## 参考文献
    Bengio (2012), "Practical recommendations for gradient-based training of deep architectures"，关于样本次序。
    """

    root_cause = "not-shuffled"
    explains = (
        "label-noise", "underfitting", "lr-too-high", "batchnorm-misuse", "overfitting", "class-imbalance", "dead-units", "batch-too-small",
        "momentum-too-high", "exploding-gradient", "split-mismatch", "saturated-activation", "bad-input-values",
    )  # fmt: skip

    min_excess: float = 3.5  # variance of the classes' shares between batches over the multinomial one; 1 = shuffled
    min_purity: float = 0.5  # share of the largest possible excess (the batch size): 1 = every batch holds one class
    min_between: float = 0.4  # share of a target's variance that lies between batches; 1 / batch size = shuffled
    all_between: float = 0.95  # the same: the batches are stretches of the sorted targets
    min_likeness: float = 0.5  # correlation of neighbouring batches' means
    enough_skill: float = 0.75  # 0 = chance, 1 = perfect
    pure_skill: float = 0.89  # the same, where the batches hold one class each
    max_within: float = 0.1  # share of an input's variance within the batches, where the targets show no order; shuffled: nearly 1
    min_cosine: float = 0.7  # of successive gradients at the end; drawn at random they are noise about zero by then
    drift_skill: float = 0.93  # as enough_skill, where only an input shows the order: within a batch there is much to be right about
    min_again: int = 30  # samples met again; a stream that is gone through once has to be in its order
    min_batches: int = 12  # sampled batches; fewer give no variance

    def check(self, trace: Trace) -> Iterator[Finding]:
        size = trace.facts.batch_size
        if size < 4:
            raise CannotLook("too few samples in a batch", "每批样本太少")
        classes = list(trace.each("target.class_share"))
        found = self._classes(trace, classes, size) if classes else self._real(trace, size)
        if found is None:
            yield from self._drift(trace, size)
            return
        message, confidence, first = found
        severity = self._severity(trace, self.pure_skill if self._pure(classes) else self.enough_skill)
        if severity is not None:
            yield self.finding(message, severity=severity, confidence=confidence, evidence=[], first_step=first)  # type: ignore[arg-type]

    @staticmethod
    def _pure(classes: list[Signal]) -> bool:
        """Nearly every sampled batch is all of one class."""
        steps = max((len(s) for s in classes), default=0)
        return steps > 0 and sum(int((s.values >= 1).sum()) for s in classes) >= 0.9 * steps

    def _severity(self, trace: Trace, enough: float) -> str | None:
        validation = reading.skill(trace, "validation")
        if validation is not None:
            return "error" if validation < enough else None
        loss, course = reading.loss_curve(trace), reading.course(trace)
        if loss is None or course is None:
            return None
        # Without validation: a net that follows the order meets each new stretch with a loss far above its usual one. (Scores within a
        # batch of one class, or of targets that are nearly equal, say nothing.)
        late = loss.finite()[-max(len(loss) // 2, 10) :]
        jumps = float(np.percentile(late, 98)) > 5 * max(float(np.median(late)), 1e-12)
        return "error" if not course.finite or (jumps and course.last > 0.1 * course.start) else "warning" if jumps else "note"

    def _drift(self, trace: Trace, size: int) -> Iterator[Finding]:
        """An input creeps through its range, while the targets vary within each batch."""
        again, cosine, inputs = trace.note("targets.again", 0), trace.signal("gradient.cosine"), self._inputs_between(trace)
        if reading.adversarial(trace) or not isinstance(again, int) or again < self.min_again or cosine is None or not inputs:
            return
        share, signal = max(inputs, key=lambda pair: pair[0])
        agreement = cosine.median(8)
        if share < 1 - self.max_within or len(cosine) < self.min_batches or not agreement >= self.min_cosine:
            return
        validation = reading.skill(trace, "validation")
        if (validation is None and self._severity(trace, self.enough_skill) == "note") or reading.learns(trace, self.drift_skill):
            return
        yield self.finding(
            Text(
                "{share:.0%} of the variance of {name} lies between the batches (limit {limit:.0%}; drawn at random it would be {usual:.1%}), and the "
                "gradients of neighbouring batches still agree at the end (cosine {cosine:.2f}).",
                "{name} 的方差有 {share:.0%} 位于批次之间（界限 {limit:.0%}；随机抽样应为 {usual:.1%}），且直到最后相邻批次的梯度仍然一致（余弦 {cosine:.2f}）。",
            ).format(share=share, name=signal.place.name, limit=1 - self.max_within, usual=1 / size, cosine=agreement),
            confidence=0.7,
            evidence=[self.evidence(signal), self.evidence(cosine)],
            first_step=int(signal.steps[self.min_batches - 1]),
        )

    def _inputs_between(self, trace: Trace) -> list[tuple[float, Signal]]:
        """Share of each input feature's variance that lies between the batches, with the feature's means."""
        stds = {s.place.name: s for s in trace.each("input.feature_std")}
        found = []
        for means in trace.each("input.feature_mean"):
            spreads = stds.get(means.place.name)
            if spreads is not None and len(means) == len(spreads) >= self.min_batches:
                found.append((_between(means.values.astype(float), spreads.values.astype(float)), means))
        return found

    def _classes(self, trace: Trace, classes: list[Signal], size: int) -> tuple[Text, float, int] | None:
        steps = classes[-1].steps
        steps = np.array(sorted(set.union(*(set(s.steps.tolist()) for s in classes))))
        table = np.zeros((len(steps), len(classes)))  # [batches, classes]
        for j, signal in enumerate(classes):
            table[np.searchsorted(steps, signal.steps), j] = signal.values
        if len(steps) < self.min_batches:
            return None
        overall = table.mean(0)
        keep = overall > 0
        if keep.sum() < 2:
            return None
        expected = (overall * (1 - overall))[keep].sum() / size
        between = table[:, keep].var(0).sum()
        excess = float(between / max(expected, 1e-12))
        purity = excess / size
        largest = float(np.median(table.max(1)))
        likeness = self._likeness(steps, table[:, keep])
        if excess < self.min_excess or not (purity >= self.min_purity or likeness >= self.min_likeness):
            return None
        if largest < 2 * float(overall.max()) and purity < self.min_purity:
            return None
        return (
            Text(
                "The batches' class shares vary {excess:.3g} times as much as at random (limit {limit:g}): the typical batch of {size} is to {largest:.0%} "
                "of one class, the commonest class of all has {common:.0%}.",
                "各批次的类别占比的方差是随机时的 {excess:.3g} 倍（界限 {limit:g}）：典型的一批 {size} 个样本中有 {largest:.0%} 属于同一类，而总体最常见的类只占 {common:.0%}。",
            ).format(excess=excess, limit=self.min_excess, size=size, largest=largest, common=float(overall.max())),
            0.9 if purity >= self.min_purity else 0.75,
            int(steps[self.min_batches - 1]),
        )

    def _real(self, trace: Trace, size: int) -> tuple[Text, float, int] | None:
        mean, std = trace.signal("target.mean", "target"), trace.signal("target.std", "target")
        if mean is None or std is None or len(mean) < self.min_batches:
            return None
        if len(mean) != len(std):
            return None
        target = _between(mean.values.astype(float), std.values.astype(float))
        inputs = max((share for share, signal in self._inputs_between(trace) if len(signal) == len(mean)), default=None)
        least = (
            self.min_between if target < self.all_between else self.min_between / 2
        )  # sorted by the target itself: inputs follow it as they can
        if target < self.min_between or (1.0 if inputs is None else inputs) < least:
            return None
        return (
            Text(
                "{share:.0%} of the targets' variance lies between the batches (limit {limit:.0%}; drawn at random it would be {usual:.1%}), "
                "and so does {inputs:.0%} of that of an input.",
                "目标方差的 {share:.0%} 位于批次之间（界限 {limit:.0%}；随机抽样应为 {usual:.1%}），某个输入的方差也有 {inputs:.0%} 如此。",
            ).format(share=target, limit=self.min_between, usual=1 / size, inputs=target if inputs is None else inputs),
            0.8,
            int(mean.steps[self.min_batches - 1]),
        )

    @staticmethod
    def _likeness(steps: np.ndarray, table: np.ndarray) -> float:
        """Correlation of the rows of successive steps, about the mean of all rows."""
        after = np.flatnonzero(np.diff(steps) == 1)
        around = table - table.mean(0)
        scale = float((around**2).mean())
        if len(after) < 4 or scale <= 0:
            return 0.0
        return float((around[after] * around[after + 1]).mean()) / scale


def _between(means: np.ndarray, spreads: np.ndarray) -> float:
    """Share of the variance that lies between the batches, from their means and standard deviations [batches]."""
    total = float(np.var(means) + np.mean(spreads**2))
    return float(np.var(means)) / total if total > 0 else 0.0
