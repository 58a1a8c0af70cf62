from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class SaturatedActivation(Rule):
    """Hidden sigmoid or tanh units sit at the flat ends of their curve, where the slope is nearly zero.

    ## What it sees
    At hidden places of bounded activations, the share of outputs within 2 % of a bound is above `min_share`, lasting, while the net does not
    learn (or, above `pinned_share` from first to last, stays below `pinned_skill`: such units are fixed random features, and a last layer
    may learn something of those). Outputs are left out unless they are at a bound from first to last and R2 is below `max_missed`, and gates unless all of them stand at a bound from the start (`shut_share`, below
    `gated_skill`): there, being at a bound is the purpose. So is what lies inside a recurrent layer of at most `narrow` units. Unbounded
    activations are never looked at.
    ## Why it matters
    sigmoid'(z) = s (1 - s): at s = 0.98 it is 0.02, and the units before it get a fiftieth of the gradient.
    ## When it is wrong
    Nets that learn binary codes on purpose; it is silent where the net learns.
    ## References
    Glorot, Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks".
    """

    zh = """隐藏层的 sigmoid 或 tanh 单元停在曲线两端的平坦区，斜率接近零。

    ## 看到什么
    在有界激活的隐藏位置，落在边界 2 % 以内的输出比例持续高于 `min_share`，且网络学不动（若自始至终高于 `pinned_share`，则以
    `pinned_skill` 为准：这样的单元只是固定的随机特征，最后一层仍可能从中学到一些）。输出不看，除非自始至终停在边界且 R2 低于 `max_missed`；门也不看，除非所有的门从一开始就停在边界（`shut_share`，且水平低于 `gated_skill`）：它们本来就该靠近边界。至多 `narrow` 个单元的循环层内部也不看。
    无界激活从不参与判断。
    ## 为什么重要
    sigmoid'(z) = s (1 - s)：s = 0.98 时为 0.02，前面的单元只得到五十分之一的梯度。
    ## 何时会错
    有意学习二值编码的网络；网络在学习时不报告。
    ## 参考文献
    Glorot, Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks"。
    """

    root_cause = "saturated-activation"
    needs = ("activation.saturated_share",)
    # Between units at their bounds next to no gradient passes but where one is just crossing over: spikes far above the median.
    explains = ("vanishing-gradient", "exploding-gradient", "underfitting", "lr-too-low", "dead-units", "label-noise")
    patience = 100

    min_share: float = 0.45  # share of outputs within 2 % of a bound; DeepDiagnosis: one half of the units; scripts/margins.py
    shut_share: float = 0.9  # the same for gates, of which every one must be beyond it from the start
    gated_skill: float = 0.8  # 0 = chance, 1 = perfect: what is built on top of gates that never move may still learn; our choice
    enough_skill: float = 0.68  # 0 = chance, 1 = perfect
    pinned_share: float = 0.67  # share of outputs at a bound from the first steps to the last; down to 0.37 no healthy run alarms
    pinned_skill: float = 0.965  # a last layer may do well on pinned units, as on fixed random features; above it they cost little
    pinned_real_skill: float = 0.9  # the same, where the score is R2; our choice
    real_skill: float = 0.5  # of units that are not pinned, where the score is R2: how much can be had (a narrow autoencoder) is not known
    max_missed: float = -0.5  # R2 of pinned outputs: they stand where the targets do not; our choice
    narrow: int = 3  # units of the narrowest layer, below which the activations inside a recurrent one are not looked at; our choice
    late_fall: float = 0.03  # share of the loss that the last fifth of the run took off: it goes on learning

    def check(self, trace: Trace) -> Iterator[Finding]:
        real = trace.signal("training.accuracy") is None and trace.signal("training.r2") is not None
        # What pinned units give may be learned by heart, as of fixed random features: validation tells more where there is one.
        held_out, enough = reading.skill(trace, "validation"), self.pinned_real_skill if real else self.pinned_skill
        if held_out >= enough if held_out is not None else reading.learns(trace, enough):
            return
        learns = reading.learns(trace, self.real_skill if real else self.enough_skill)
        if real and reading.learns(trace, self.real_skill / 2) and reading.late_fall(trace) >= self.late_fall:
            learns = True  # it goes on
        found: list[Signal] = []
        # One or two units that have to tell everything apart go to their bounds for it: the width is what is missing.
        narrow = min(reading.hidden_units(trace), default=self.narrow + 1) <= self.narrow
        for signal in trace.each("activation.saturated_share"):
            recent = signal.finite()[-8:]
            early = signal.finite()[:20]  # units that came to the bounds only while it learned what it could are a sign, not the cause
            lasting = len(recent) >= 3 and float(np.median(recent)) >= self.min_share
            pinned = lasting and min(float(np.median(recent)), float(np.median(early))) >= self.pinned_share
            if narrow and signal.place.file is None:
                continue
            if signal.place.role == "hidden" and lasting and float(np.median(early)) >= self.min_share / 2 and (pinned or not learns):
                found.append(signal)
            if signal.place.role == "output" and pinned and self._misses(trace):
                found.append(signal)
        found = found or ([] if reading.learns(trace, self.gated_skill) else self._shut_gates(trace))
        if not found:
            return
        worst = max(found, key=lambda s: s.median(8))
        first = next(int(s) for s, v in zip(worst.steps, worst.values, strict=True) if v >= self.min_share)
        yield self.finding(
            Text(
                "{share:.0%} of the outputs of {place} lie within 2 % of a bound (limit {limit:.0%}); layers like that: {count}.",
                "{place} 有 {share:.0%} 的输出落在边界 2 % 以内（界限 {limit:.0%}）；共有 {count} 层如此。",
            ).format(share=worst.median(8), place=worst.place.name, limit=self.min_share, count=len(found)),
            places=[s.place for s in found],
            severity="error" if worst.median(8) > 0.8 else "warning",
            confidence=0.45 + 0.45 * worst.median(8),
            evidence=[self.evidence(s) for s in found[:3]],
            first_step=first,
        )

    def _misses(self, trace: Trace) -> bool:
        """A regression whose answers are much worse than the mean of the targets: they stand at bounds where these do not."""
        known = reading.skill(trace)
        return trace.signal("training.r2") is not None and known is not None and known < self.max_missed

    def _shut_gates(self, trace: Trace) -> list[Signal]:
        """Gates, where every one of them stands at a bound from the first step on: nothing can be switched."""
        gates = [s for s in trace.each("activation.saturated_share") if s.place.role == "gate" and len(s.finite())]
        return gates if gates and all(float(np.median(s.finite()[:10])) >= self.shut_share for s in gates) else []
