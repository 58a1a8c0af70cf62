from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class LrTooHigh(Rule):
    """The steps are too large: from a sane start the loss jumps about or grows.

    ## What it sees
    The update-to-weight ratio of the weights (median over layers) in the early steps, together with what the loss does: it ends above where it
    started, becomes non-finite, the net stays near chance, the first steps throw the loss to `min_peak` times its start and the net never
    does well (`good_skill`), or steps above `large_ratio` end at `min_return` times the lowest loss of the run, with `min_left` of it still
    there, or steps above `far_ratio` to a skill below `far_skill`. A ratio alone proves nothing; a smaller one is enough where successive gradients are opposed throughout.
    ## Why it matters
    Gradient descent is stable only while lr < 2 / (largest curvature); above, each step overshoots by more than it gains.
    ## When it is wrong
    Exploding gradients from the initialisation look alike; the rules for those stand above this one. Whether a smaller rate helps is settled
    by a trial.
    ## References
    LeCun, Bottou, Orr, Müller (1998), "Efficient BackProp"; Karpathy (2015), CS231n notes: updates of about 1e-3 of the weights.
    """

    zh = """步长过大：起点正常，损失却来回跳动或上升。

    ## 看到什么
    训练初期权重的更新与权重之比（各层中位数），并结合损失的走向：最终高于起点、变为非有限值，网络停在随机水平，最初几步把损失抛到起点的
    `min_peak` 倍而网络始终学不好（`good_skill`），或比值超过 `large_ratio` 而最终损失是途中最低值的 `min_return` 倍且仍有 `min_left` 的损失，或比值超过 `far_ratio` 而水平低于 `far_skill`。仅凭比值不作判断；若相邻梯度始终相反，较小的比值即可。
    ## 为什么重要
    只有当 lr < 2 / 最大曲率时梯度下降才稳定；超过之后每一步的越界都大于收益。
    ## 何时会错
    初始化造成的梯度爆炸看起来相似，相应规则排在本规则之前。较小的学习率是否有效由试验裁定。
    ## 参考文献
    LeCun, Bottou, Orr, Müller (1998), "Efficient BackProp"；Karpathy (2015), CS231n 讲义：更新约为权重的 1e-3。
    """

    root_cause = "lr-too-high"
    needs = ("loss.value", "update.ratio")
    explains = (
        "non-finite",
        "dead-units",
        "saturated-activation",
        "exploding-gradient",
        "underfitting",
        "label-noise",
        "overfitting",
    )

    min_ratio: float = 0.1  # update over weight; CS231n and torchmortem: 1e-3 is usual, 1e-1 the upper end
    min_rise: float = 1.3  # last loss over the loss at the start
    low_skill: float = 0.3  # 0 = chance, 1 = perfect
    good_skill: float = 0.93  # the same: what a net that was thrown off at the start has to reach to have recovered
    min_peak: float = 5.0  # largest of the first losses over the start; our choice: none of 400 healthy runs passes 3 with steps so large
    large_ratio: float = 0.15  # update over weight; our choice: above `min_ratio`
    min_return: float = 1.1  # with steps so large: last loss over the best of the run; none of 10 healthy runs passes 1.02
    far_ratio: float = 0.3  # update over weight; of nets that end below `far_skill` no healthy one of the clinic passes 0.2
    far_skill: float = 0.4  # 0 = chance, 1 = perfect
    little_left: float = 0.05  # share of the first loss; a net that has come so far has recovered, whatever its score; our choice
    min_left: float = 0.42  # share of the first loss that is still there; our choice
    opposed_share: float = 0.75  # of the sampled steps; the sign of a gradient that is mere noise is opposed in half of them

    def check(self, trace: Trace) -> Iterator[Finding]:
        course = reading.course(trace)
        if course is None:
            raise CannotLook("fewer than 10 steps", "少于 10 步")
        ratios = [s for s in reading.weight_updates(trace) if len(s.finite())]
        if not ratios:
            raise CannotLook("no weight was updated", "没有权重被更新")
        fewest, most = reading.calls_per_step(trace)
        if fewest != most and reading.best_skill(trace) is None:
            raise CannotLook("the loss of one step covers more than that of another (episodes)", "各步的损失所涵盖的内容不等（如回合）")
        early, worst = self._early(ratios)
        lost = reading.non_finite_step(trace) is not None
        if lost and not reading.grew(trace):
            return
        diverged = not course.finite or course.last > self.min_rise * max(course.start, course.first * 0.999)
        stuck = reading.learns(trace, self.low_skill) is False and course.last > 0.8 * course.start
        cosine = trace.signal("gradient.cosine")
        bouncing = cosine is not None and cosine.median() < -0.2 and float(np.mean(cosine.finite() < 0)) >= self.opposed_share
        moved = early >= self.min_ratio or (bouncing and early >= self.min_ratio / 5)
        worse = early >= self.large_ratio and self._went_back(trace, course)
        known = reading.best_skill(trace)
        far = early >= self.far_ratio and known is not None and known < self.far_skill and course.last > self.min_left * course.start
        worse = worse or far
        if not (((diverged or stuck or self._thrown_off(trace, course)) and moved) or worse):
            return
        yield self.finding(
            Text(
                "One step changes the weights by {ratio:.2g} of their size (median over layers, first steps; limit {limit:g}), "
                "and the loss went from {start:.3g} to {last} (highest of the first 20 steps: {peak:.3g}; lowest on the way: {best:.3g}).",
                "一步使权重改变其自身大小的 {ratio:.2g}（前几步各层的中位数；界限 {limit:g}），损失从 {start:.3g} 变为 {last}（前 20 步最高 {peak:.3g}；途中最低 {best:.3g}）。",
            ).format(
                ratio=early,
                limit=self.min_ratio,
                start=course.start,
                peak=self._peak(trace),
                best=course.best,
                last=f"{course.last:.3g}" if course.finite else "nan/inf",
            ),
            places=[worst.place],
            severity="error",
            confidence=0.85 if diverged else 0.7,
            evidence=[self.evidence(worst, 0)],
            first_step=int(worst.steps[0]),
        )

    def _thrown_off(self, trace: Trace, course: reading.Course) -> bool:
        """The first steps raised the loss far above that of knowing nothing, and the net has not recovered."""
        recovered = reading.learns(trace, self.good_skill) is not False or course.last < self.little_left * course.start
        return not recovered and self._peak(trace) >= self.min_peak * abs(course.start)

    def _went_back(self, trace: Trace, course: reading.Course) -> bool:
        """Less is known at the end than before, and most of the loss is still there."""
        return reading.learns(trace, self.good_skill) is False and course.last > max(
            self.min_return * course.best, self.min_left * course.start
        )

    @staticmethod
    def _peak(trace: Trace) -> float:
        """The largest of the first 20 losses."""
        loss = reading.loss_curve(trace)
        return float(np.max(loss.finite()[:20], initial=-np.inf)) if loss is not None else -np.inf

    @staticmethod
    def _early(ratios: list[Signal]) -> tuple[float, Signal]:
        # The first steps count: later ones of a net that was thrown off say little. An adaptive optimizer's first step alone would say too
        # much (it moves every weight by the learning rate), hence the median of the first five.
        medians = [float(np.median(s.finite()[:5])) for s in ratios]
        return float(np.median(medians)), ratios[int(np.argmax(medians))]
