from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class ScheduleMisuse(Rule):
    """The schedule takes the learning rate to nothing long before the training is over.

    ## What it sees
    The learning rate of every step. It speaks when it falls below `max_share` of its largest value before `early_share` of the run is over and
    stays there, although the loss had still been falling when that happened (or before `sure_share`, whatever the loss did, but for
    schedules that follow the loss), and the net has learned less than `enough_skill`; or when
    it was zero in nearly all steps. It also speaks when the rate is still rising as the run ends, below `min_reached` of what the optimizer was
    built with (a warm-up that outlasts the run). And a schedule that starts at its peak in front of attention layers: where Adam's first steps move
    the weights by more than `max_start` of their size and the net stays below `low_skill`, the warm-up is missing.
    ## Why it matters
    A schedule written for epochs but stepped at every batch runs through all its decays within the first epochs; the rest of the run does
    nothing.
    ## When it is wrong
    Schedules that end at zero with the run (cosine, one-cycle, linear), warm restarts, and decays on a plateau are what schedules are for:
    they come late, come back, or come when nothing falls any more. A rate that is too high from start to end is another rule's, and so is one
    that was tried out for a few steps without any scheduler and then set to what it is (a range test).
    ## References
    PyTorch documentation, "How to adjust learning rate"; trainproof: a rate of zero in more than 10 % of the steps; Xiong et al. (2020), "On
    layer normalization in the transformer architecture" (why it needs a warm-up).
    """

    zh = """学习率计划远在训练结束之前就把学习率降到几乎为零。

    ## 看到什么
    每一步的学习率。当它在运行的前 `early_share` 之内就降到最大值的 `max_share` 以下并保持不变，而当时损失还在下降（或在 `sure_share` 之前，
    无论损失如何，跟随损失的计划除外），且网络学到的不足 `enough_skill` 时报告；或者几乎所有步的学习率都为零；或者运行结束时学习率仍在上升，
    且不到构造优化器时的 `min_reached`（预热比整个训练还长）。另外，若带注意力层的网络其
    计划从峰值开始，Adam 的前几步使权重改变超过自身大小的 `max_start`，且网络水平低于 `low_skill`，则缺少预热。
    ## 为什么重要
    按 epoch 写的计划若每个批次都推进一次，前几个 epoch 就走完全部衰减，余下的训练毫无作用。
    ## 何时会错
    随训练结束而归零的计划（余弦、one-cycle、线性）、热重启、在平台期的衰减都是正常用法：它们出现得晚、会回升，或出现在损失不再下降时。
    自始至终都过高的学习率由别的规则报告；没有调度器、只在开头几步试过各种值、之后固定不变的学习率（范围测试）也是如此。
    ## 参考文献
    PyTorch 文档 "How to adjust learning rate"；trainproof：超过 10 % 的步学习率为零；Xiong 等 (2020), "On layer normalization in the
    transformer architecture"（为何需要预热）。
    """

    root_cause = "schedule-misuse"
    needs = ("lr.value", "loss.value")
    explains = ("lr-too-low", "underfitting", "batch-too-large", "lr-too-high", "blocked-gradient")

    max_share: float = 0.03  # of the largest rate of the run; a step decay of 1/10 twice leaves 1/100
    early_share: float = 0.5  # of the run's steps; our choice: after that the rest is too short to matter as much
    sure_share: float = 0.25  # of the run's steps: nobody plans three quarters of a run without a rate, whatever the loss did
    enough_skill: float = 0.9  # 0 = chance, 1 = perfect
    min_steps: int = 30  # optimizer steps; in fewer there is no schedule to speak of
    max_start: float = 0.02  # update over weight in the first steps, median over layers; twenty times CS231n's usual 1e-3
    low_skill: float = 0.5  # 0 = chance, 1 = perfect
    min_reached: float = 0.2  # of the rate that the optimizer was built with, which a warm-up should reach within the run; our choice
    min_fall: float = 0.03  # share of the loss that it still lost per tenth of the steps before the fall of the rate

    def check(self, trace: Trace) -> Iterator[Finding]:
        rate, loss = trace.signal("lr.value"), trace.signal("loss.value")
        assert rate is not None and loss is not None
        values = rate.values.astype(float)
        top = float(np.max(values)) if len(values) else 0.0
        if len(values) < self.min_steps:
            return
        zero = float((values <= 0).mean())
        if top <= 0 or zero > 0.9:
            yield self._finding(rate, 0, 0.0, top, zero)
            return
        yield from self._cold_start(trace, values, top)
        yield from self._endless_warmup(trace, rate, values, top)
        low = values <= self.max_share * top
        if not low[-1] or reading.learns(trace, self.enough_skill) is not False:
            return
        high = np.flatnonzero(~low)
        at = int(high[-1]) + 1 if len(high) else 0
        if self._tried_out(trace, values, low, at):
            return
        falling = self._was_falling(loss, int(rate.steps[min(at, len(rate) - 1)]))
        if at > self.early_share * len(values) or not (falling or at <= self.sure_share * len(values)):
            return
        yield self._finding(rate, at, float(values[-1]), top, at / len(values))

    def _tried_out(self, trace: Trace, values: np.ndarray, low: np.ndarray, at: int) -> bool:
        """Nothing plans the rate: it began as low as it ended, and from `at` on it is one and the same. What was set is too low, not its course."""
        kept = values[at:]
        return not trace.facts.schedulers and bool(low[0]) and float(kept.min()) > 0 and float(np.ptp(kept)) == 0

    def _cold_start(self, trace: Trace, values: np.ndarray, top: float) -> Iterator[Finding]:
        """A schedule without warm-up in front of attention layers."""
        attention = any("Attention" in p.kind for p in trace.facts.places) or "ScaledDotProduct" in str(trace.note("graph.bends", ""))
        adaptive = any(o.kind.startswith("Adam") for o in trace.facts.optimizers)
        decays = bool(trace.facts.schedulers) and values[0] >= 0.95 * top and float(np.median(values[-5:])) < 0.5 * top
        if not (attention and adaptive and decays) or reading.learns(trace, self.low_skill) is not False:
            return
        ratios = [float(np.median(s.finite()[:10])) for s in reading.weight_updates(trace) if len(s.finite()) >= 5]
        if not ratios or float(np.median(ratios)) < self.max_start:
            return
        yield self.finding(
            Text(
                "The schedule starts at its largest rate, {top:.2g}, without warm-up: the first steps change the weights of this attention net by "
                "{ratio:.2g} of their size (limit {limit:g}).",
                "学习率计划没有预热，从最大值 {top:.2g} 开始：前几步使这个注意力网络的权重改变其自身大小的 {ratio:.2g}（界限 {limit:g}）。",
            ).format(top=top, ratio=float(np.median(ratios)), limit=self.max_start),
            severity="warning",
            confidence=0.75,
        )

    def _endless_warmup(self, trace: Trace, rate: Signal, values: np.ndarray, top: float) -> Iterator[Finding]:
        """A rate that is still rising when the run ends, far below what the optimizer was built with."""
        meant = max((float(o.settings.get("lr") or 0.0) for o in trace.facts.optimizers), default=0.0)
        late = values[int(0.8 * len(values))]
        rising = bool(trace.facts.schedulers) and values[-1] >= 0.98 * top and late < 0.98 * top and values[0] < 0.5 * top
        if not rising or not 0 < top < self.min_reached * meant:
            return
        known = reading.skill(trace, "training")
        if known >= self.enough_skill if known is not None else reading.learns(trace, self.enough_skill) is not False:
            return
        yield self.finding(
            Text(
                "The learning rate was still rising when the run ended, at {top:.2g}: {share:.1%} of the {meant:.2g} that the optimizer was built with.",
                "运行结束时学习率仍在上升，为 {top:.2g}：只有构造优化器时的 {meant:.2g} 的 {share:.1%}。",
            ).format(top=top, share=top / meant, meant=meant),
            severity="error",
            confidence=0.88,
            evidence=[self.evidence(rate)],
            first_step=int(rate.steps[-1]),
        )

    def _was_falling(self, loss: Signal, step: int) -> bool:
        """The loss was still going down in the second half of the steps before the rate had gone, or that was within the first steps."""
        before = loss.values[(loss.steps < step) & np.isfinite(loss.values)].astype(float)
        if len(before) <= max(20, 0.1 * len(loss)):
            return True
        quarter = max(len(before) // 4, 5)
        earlier, later = np.median(before[-2 * quarter : -quarter]), np.median(before[-quarter:])
        return bool(earlier - later > self.min_fall * abs(earlier))

    def _finding(self, rate: Signal, at: int, last: float, top: float, share: float) -> Finding:
        step = int(rate.steps[min(at, len(rate) - 1)])
        text = Text(
            "The learning rate fell from {top:.2g} to below {limit:.0%} of that by step {step} ({share:.0%} of the run) and ended at {last:.2g}; "
            "the net had not yet learned what it could.",
            "学习率在第 {step} 步（全程的 {share:.0%}）之前就从 {top:.2g} 降到其 {limit:.0%} 以下，最后为 {last:.2g}，而网络还没有学完。",
        ).format(top=top, limit=self.max_share, step=step, share=share, last=last)
        if top <= 0 or (last == 0 and at == 0):
            text = Text("The learning rate was zero in {s:.0%} of the steps.", "{s:.0%} 的步学习率为零。").format(s=share)
        return self.finding(text, severity="error", confidence=0.88, evidence=[self.evidence(rate)], first_step=step)
