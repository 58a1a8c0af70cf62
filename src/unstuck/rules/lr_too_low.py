from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class LrTooLow(Rule):
    """The steps are too small: the loss falls steadily, but far too slowly.

    ## What it sees
    The update-to-weight ratio of every weight layer is below `max_ratio` from the start, or from a few steps after it (a range test's); or
    all steps together move the weights by less than `max_path` of their size although successive gradients agree (there is a way down and it
    is hardly walked). The net has learned little.
    Or half of the layers are moved by less than `max_path` while successive gradients agree closely (`close_cosine`) to the end and the loss
    still falls by `min_fall` there: it was on its way when it was stopped (`good_skill`). The gradient does reach the early layers: otherwise
    another rule speaks.
    ## Why it matters
    With updates of 1e-6 of the weights, a thousand steps move them by a thousandth.
    ## When it is wrong
    Fine-tuning of a net that is already good (silent: its skill is high), schedules that start at zero (the largest ratio of the run counts).
    ## References
    Karpathy (2015), CS231n notes: updates of about 1e-3 of the weights; TheDeepChecker: 1e-4.
    """

    zh = """步长过小：损失稳定下降，但慢得多。

    ## 看到什么
    从一开始（或几步范围测试之后）每个权重层的更新与权重之比都低于 `max_ratio`；或者相邻梯度方向一致（下坡路在那里，只是几乎没走），而所有步加起来使权重移动
    不到其大小的 `max_path`。网络学到的很少。或者有一半的层移动不到 `max_path`，而相邻梯度直到最后都高度一致（`close_cosine`），损失在最后仍
    下降 `min_fall`：训练停止时还在半路上（`good_skill`）。
    靠前的层能收到梯度，否则由别的规则报告。
    ## 为什么重要
    若每步只更新权重的 1e-6，一千步也只移动千分之一。
    ## 何时会错
    微调已经很好的网络（其水平高，不报告）；从零开始的学习率预热（取整个训练中最大的比值）。
    ## 参考文献
    Karpathy (2015), CS231n 讲义：更新约为权重的 1e-3；TheDeepChecker：1e-4。
    """

    root_cause = "lr-too-low"
    needs = ("loss.value", "update.ratio")
    explains = ("underfitting", "label-noise", "batch-too-large")
    patience = 200

    max_ratio: float = 1e-4  # update over weight, the layer with the largest one; CS231n's 1e-3 less a decade
    max_path: float = 0.5  # steps times the ratio: all steps together hardly move the weights, although their gradients agree
    min_cosine: float = 0.5  # agreement of successive gradients, -1..1
    enough_skill: float = 0.65  # 0 = chance, 1 = perfect
    good_skill: float = 0.8  # the same, for a net that was on its way when it was stopped
    close_cosine: float = 0.9  # agreement of successive gradients over the run, and at its end
    min_steps: int = 50  # optimizer steps before the way of all together says anything: that of few is short at any rate; our choice
    min_fall: float = 0.1  # share of the loss that the last fifth of the run takes off

    def check(self, trace: Trace) -> Iterator[Finding]:
        course = reading.course(trace)
        if course is None:
            raise CannotLook("fewer than 10 steps", "少于 10 步")
        if not course.finite or reading.learns(trace, self.good_skill):
            return
        ratios = [s for s in reading.weight_updates(trace) if len(s.finite())]
        if not ratios:
            raise CannotLook("no weight was updated", "没有权重被更新")
        largest = max(ratios, key=lambda s: float(np.max(s.finite())))
        typical = max(s.median() for s in ratios)
        peak = reading.most_of_the_run(trace, largest, 0.95)
        cosine = trace.signal("gradient.cosine")
        agrees = cosine is not None and cosine.median() > self.min_cosine
        tiny = 0 < typical < self.max_ratio and peak <= 3 * self.max_ratio
        short = 0 < typical * course.steps < self.max_path and agrees and course.last < course.first and course.steps >= self.min_steps
        stopped = cosine is not None and self._on_its_way(trace, ratios, cosine)
        if not ((tiny or short) and not reading.learns(trace, self.enough_skill)) and not stopped:
            return
        said = (
            Text(
                "One step changes the weights by at most {ratio:.1e} of their size (limit {limit:g}); in {steps} steps the loss went from "
                "{first:.4g} to {last:.4g}.",
                "一步最多使权重改变其自身大小的 {ratio:.1e}（界限 {limit:g}）；{steps} 步之内损失从 {first:.4g} 变为 {last:.4g}。",
            ).format(ratio=typical, limit=self.max_ratio, steps=course.steps, first=course.first, last=course.last)
            if tiny
            else Text(
                "All {steps} steps together change the typical layer by {path:.2g} of its size (limit {limit:g}) although successive gradients "
                "agree (cosine {cosine:.2f}); the loss went from {first:.4g} to {last:.4g}.",
                "全部 {steps} 步加起来只使典型的层改变其自身大小的 {path:.2g}（界限 {limit:g}），而相邻梯度方向一致（余弦 {cosine:.2f}）；损失从 {first:.4g} "
                "变为 {last:.4g}。",
            ).format(
                steps=course.steps,
                path=self._path(trace, ratios),
                limit=self.max_path,
                cosine=cosine.median() if cosine is not None else float("nan"),
                first=course.first,
                last=course.last,
            )
        )
        yield self.finding(
            said,
            places=[largest.place],
            severity="warning",
            confidence=(0.85 if typical < self.max_ratio / 10 else 0.65) - (0 if agrees else 0.15),
            evidence=[self.evidence(largest)],
            first_step=int(largest.steps[min(len(largest) - 1, 10)]),
        )

    def _on_its_way(self, trace: Trace, ratios: list[Signal], cosine: Signal) -> bool:
        """The typical layer has hardly moved, the gradients still point the same way, and the loss was falling to the end."""
        agrees = min(cosine.median(), cosine.median(8)) >= self.close_cosine
        return 0 < self._path(trace, ratios) < self.max_path and agrees and reading.late_fall(trace) >= self.min_fall

    @staticmethod
    def _path(trace: Trace, ratios: list[Signal]) -> float:
        """Steps times the update-to-weight ratio of the median layer."""
        return float(np.median([s.median() for s in ratios])) * trace.facts.steps
