from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace

#: Losses for which accuracy or R2 say how good the net is.
SCORED = ("cross-entropy", "nll", "bce", "bce-with-logits", "mse", "l1", "smooth-l1", "huber")


@dataclass(frozen=True)
class Underfitting(Rule):
    """The net cannot even fit its training samples: the loss stands still far from what there is to learn, with healthy gradients.

    ## What it sees
    Training batches are answered hardly better than by chance at the end, the loss has stood still over the last half of the run, and the
    updates are of a usual size: it is not the optimizer that fails to move. Every other cause of a poor result explains this one, and
    stands above it. A net with a layer of at most `narrow` units (a factorisation: columns of its widest table) is asked for more. Where every
    hidden layer is as narrow and has fewer units than there are targets, units over targets is what may be expected at most: all do not pass,
    whatever the weights. A net that is to give its inputs back has its bottleneck on purpose.
    ## Why it matters
    A model without the capacity (or the features) stays there for any number of steps and any learning rate.
    ## When it is wrong
    Tasks whose samples leave much to chance; plateaus that end later. Only a trial with a larger model tells.
    ## References
    Goodfellow, Bengio, Courville (2016), "Deep Learning", section 5.2.
    """

    zh = """网络连训练样本都拟合不了：损失停在远离可学水平的地方，而梯度正常。

    ## 看到什么
    训练批次到最后仍与随机水平相差无几，损失在后半程停滞不动，而更新的大小正常：问题不在于优化器没有移动。任何其他导致结果不佳的
    原因都可以解释它，并排在它前面。若某层至多有 `narrow` 个单元（矩阵分解：最宽嵌入表的列数），则要求更高的水平；若每个隐藏层都这么窄，且单元数少于目标数，
    则最多只能期望单元数与目标数之比：无论权重如何，这么多目标都通不过去。以重建输入为目标的网络，其瓶颈是有意为之。
    ## 为什么重要
    缺少容量（或特征）的模型，无论训练多少步、用多大的学习率都停在那里。
    ## 何时会错
    样本本身带有很大随机性的任务；之后才结束的平台期。只有用更大的模型试验才能确定。
    ## 参考文献
    Goodfellow, Bengio, Courville (2016), "Deep Learning" 第 5.2 节。
    """

    root_cause = "underfitting"
    patience = 300
    needs = ("loss.value",)

    max_skill: float = 0.1  # 0 = chance, 1 = perfect: nearly nothing, for a net of usual width
    linear_skill: float = 0.2  # the same, for a net without a hidden layer
    narrow_skill: float = 0.65  # the same, where a hidden layer has at most `narrow` units, for classes; no healthy run up to 0.8
    narrow_skill_real: float = 0.55  # and for real targets; no healthy run up to 0.75
    narrow: int = 4  # units; our choice: up to 6 no healthy run of the clinic would be told
    min_errors: float = 2.0  # standard errors of the validation's score above which something was learned
    rise_errors: float = 3.0  # standard errors by which the accuracy at the end is above that in the middle of the run
    max_slope: float = 0.05  # share of the loss that the last half of the run still took off
    narrow_slope: float = 0.1  # the same, where a hidden layer has at most `narrow` units: such a net creeps; our choice
    max_majority: float = 0.8  # share of the commonest class
    max_rest: float = 0.5  # share of the loss that is not what is scored
    min_share: float = 0.8  # loss at the end over that of knowing only the classes' shares
    min_ratio: float = 1e-4  # update over weight, median over layers
    min_conflicts: float = 0.2  # share of the training samples met again that came with another target
    min_again: int = 20  # such samples; our choice
    min_steps: int = 150  # optimizer steps before a standstill means something; our choice

    def _width(self, trace: Trace) -> int | None:
        """Units of the narrowest hidden layer; None without one."""
        units = min(reading.hidden_units(trace), default=None)
        if units is not None or any(p.kind in reading.WEIGHTED for p in trace.facts.places):
            return units
        # A factorisation has tables alone: what things know of one another passes through their columns.
        tables = {p.name for p in trace.facts.places if p.kind == "Embedding" and p.role != "output"}
        return max((p.shape[1] for p in trace.facts.parameters if p.module in tables and len(p.shape) == 2), default=None)

    def _passing(self, trace: Trace) -> float:
        """Share of K targets that fit through U units, U / K, where every hidden layer is narrow and the targets are not the inputs; else 0.

        Outputs that are linear in U units span U directions: of K targets of equal size that vary by themselves, they give U / K of the variance.
        """
        loss, units = trace.facts.loss, reading.hidden_units(trace)
        if loss is None or trace.facts.target is None or trace.facts.target.kind != "real" or len(loss.input_shape) != 2 or not units:
            return 0.0
        moments = [trace.signal(f"{s}.{m}", s) for m in ("mean", "std") for s in ("input", "target")]
        first = [float(s.values[0]) if s is not None and len(s) else math.nan for s in moments]
        rebuilt = first[0] == first[1] and first[2] == first[3]
        return min(units) / loss.input_shape[1] if max(units) <= self.narrow and min(units) < loss.input_shape[1] and not rebuilt else 0.0

    def _learned_some(self, trace: Trace) -> bool:
        """Validation answers better than by chance, by more than luck: what can be learned may just be little."""
        scores, rows, majority = trace.signal("validation.accuracy"), trace.signal("validation.rows"), reading.majority_share(trace)
        known = reading.skill(trace, "validation")
        if known is None or rows is None or not len(rows) or scores is None or majority is None:
            return known is not None and known > self.max_skill / 2
        error = math.sqrt(majority * (1 - majority) / max(rows.last, 1.0)) / max(1 - majority, 1e-9)
        return known > self.min_errors * error

    def _improving(self, trace: Trace) -> bool:
        """More training samples are answered rightly at the end than in the middle of the run, by more than luck: a plateau that ends."""
        scores, rows, steps = trace.signal("training.accuracy"), reading.rows(trace), trace.facts.steps
        if scores is None or not rows:
            return False
        middle = scores.values[(scores.steps >= 0.3 * steps) & (scores.steps < 0.6 * steps)]
        late = scores.values[scores.steps >= 0.75 * steps]
        if len(middle) < 2 or len(late) < 2:
            return False
        mean = float(np.concatenate([middle, late]).mean())
        spread = math.sqrt(max(mean * (1 - mean), 1e-6) / rows * (1 / len(middle) + 1 / len(late)))
        return float(late.mean() - middle.mean()) > self.rise_errors * spread

    def check(self, trace: Trace) -> Iterator[Finding]:
        if reading.adversarial(trace):
            raise CannotLook(
                "several models, each with its own optimizer, have no common score", "多个模型各有自己的优化器，没有共同的得分"
            )
        course, known = reading.course(trace), reading.best_skill(trace)
        if course is None or course.steps < self.min_steps or known is None:
            raise CannotLook("too few steps, or no score could be recomputed", "步数太少，或无法重新计算得分")
        if (reading.majority_share(trace) or 0.0) > self.max_majority:
            raise CannotLook(
                "one class holds nearly all samples, so the accuracy says little", "几乎所有样本都属于同一类，准确率说明不了什么"
            )
        if reading.conflicting(trace, self.min_conflicts, self.min_again) is not None:
            raise CannotLook(
                "the same inputs come with several targets, so the score says little", "相同的输入带有多个目标，得分说明不了什么"
            )
        loss = trace.signal("loss.value")
        assert loss is not None
        width = self._width(trace)
        narrow = width is not None and width <= self.narrow
        kind, chance = trace.facts.loss.kind if trace.facts.loss else "unknown", reading.chance_loss(trace)
        limit = self.max_skill if not narrow and width is not None else self.linear_skill
        if narrow:  # a narrow code of an autoencoder is a purpose
            limit = self.narrow_skill if chance is not None else self.narrow_skill_real
            limit = max(limit, self._passing(trace))
        if not course.finite or known >= limit or (not narrow and (self._learned_some(trace) or self._improving(trace))):
            return
        rest = trace.signal("loss.penalty_share")
        if rest is not None and len(rest.finite()) and float(np.percentile(np.abs(rest.finite()), 90)) > self.max_rest:
            raise CannotLook("the loss is mostly something else than what is scored", "损失的大部分不是可以打分的那一项")
        if kind not in SCORED or (not narrow and chance is not None and course.last < self.min_share * chance):
            return  # the loss knows much that the score does not show: many classes, or much that is left to chance
        values = loss.finite().astype(float)
        half = len(values) // 2
        middle, last = float(np.median(values[half : half + half // 3])), float(np.median(values[-half // 3 :]))
        medians = [s.median() for s in reading.weight_updates(trace)]
        ratios = [r for r in medians if not math.isnan(r)]  # nan: of weights that are all zero
        steep = self.narrow_slope if narrow else self.max_slope
        if (middle - last) / max(abs(middle), 1e-12) > steep or not ratios or np.median(ratios) < self.min_ratio:
            return
        yield self.finding(
            Text(
                "The training batches are answered with a skill of {skill:.2f} (0 = chance, 1 = perfect), and the loss has stood at {last:.3g} "
                "over the last half of {steps} steps, while each step moves the weights by {ratio:.1e} of their size.",
                "训练批次的水平为 {skill:.2f}（0 = 随机，1 = 完美），在 {steps} 步的后半程损失停在 {last:.3g}，而每一步都使权重移动其大小的 {ratio:.1e}。",
            ).format(skill=known, last=last, steps=course.steps, ratio=float(np.median(ratios))),
            confidence=0.5,
            evidence=[self.evidence(loss)],
            first_step=int(loss.steps[half]),
        )
