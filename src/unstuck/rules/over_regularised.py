from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class OverRegularised(Rule):
    """Weight decay, a penalty in the loss or dropout is so strong that the training loss cannot fall.

    ## What it sees
    One of four together with a poor result: the weights shrink to less than `max_shrink` of their size under a weight decay; a penalty makes up
    more than `min_penalty` of the loss; a penalty was paid off (`max_rest` of its first share is left) by a hidden layer that no longer differs
    between samples (`max_varied`), as in a variational autoencoder whose posterior collapses; or a dropout of at least `min_dropout`, of a net
    below `little_skill` or `min_lift` better without it, in validation. Weights that had no gradient at the start do not count: they shrink under any decay, for want of a loss that holds against it.
    ## Why it matters
    The optimum of loss plus penalty lies where their slopes cancel: a strong penalty puts it near zero weights, which say nothing.
    ## When it is wrong
    Decay that removes a large initial scale on purpose; it is silent where the net learns.
    ## References
    Goodfellow, Bengio, Courville (2016), "Deep Learning", section 7.1.
    """

    zh = """权重衰减、损失中的惩罚项或 dropout 过强，训练损失降不下来。

    ## 看到什么
    结果不佳，且有以下之一：在权重衰减下权重缩小到原来的 `max_shrink` 以下；惩罚项占损失的 `min_penalty` 以上；
    惩罚项已近乎消失（只剩最初占比的 `max_rest`），代价是某个隐藏层对不同样本不再有差别（`max_varied`），如变分自编码器的后验坍缩；dropout 不低于 `min_dropout`，且水平低于 `little_skill`，或在不用 dropout 的验证中高出 `min_lift`。
    一开始就没有梯度的权重不算：没有损失与衰减抗衡，任何衰减都会使其缩小。
    ## 为什么重要
    损失加惩罚的最优点在二者斜率相抵之处：惩罚太强时就在零权重附近，而零权重什么也表达不了。
    ## 何时会错
    有意用衰减消除过大的初始尺度；网络学好时不报告。
    ## 参考文献
    Goodfellow, Bengio, Courville (2016), "Deep Learning" 第 7.1 节。
    """

    root_cause = "over-regularised"
    needs = ("loss.value",)
    explains = ("underfitting", "vanishing-gradient", "dead-units", "lr-too-low", "degradation", "label-noise")
    patience = 100

    max_shrink: float = 0.55  # norm of the weights at the end over that at the start
    min_decay: float = 1e-3  # weight_decay; 1e-2 is AdamW's default, with lr 1e-3
    min_penalty: float = 0.45  # share of the loss, 0..1
    min_paid: float = 0.02  # share of the loss of the first penalties, to be seen at all
    max_rest: float = 0.05  # share of the penalty at the end over that at the start
    max_varied: float = 0.07  # standard deviation of a hidden layer's output at the end over that at the start
    min_dropout: float = 0.65  # UMLAUT warns above 0.5
    little_skill: float = 0.5  # the same, for dropout: many nets live with a strong one
    min_lift: float = 0.3  # skill of validation above that of training, where a strong dropout shows; our choice
    enough_skill: float = 0.85  # 0 = chance, 1 = perfect

    def check(self, trace: Trace) -> Iterator[Finding]:
        if reading.learns(trace, self.enough_skill):
            return
        norms = [s for s in trace.each("parameter.norm") if s.place.kind == "weight" and len(s.finite()) > 2 and _pulled(trace, s)]
        shrunk = float(np.median([s.finite()[-1] / max(float(s.values[0]), 1e-12) for s in norms])) if norms else 1.0
        decay = max((float(o.settings.get("weight_decay") or 0.0) for o in trace.facts.optimizers), default=0.0)
        penalty = trace.signal("loss.penalty_share")
        # At the start, or typically: a strong penalty may have won by the end, and be small because nothing is left.
        share = max(float(np.median(penalty.finite()[:20])), penalty.median()) if penalty is not None and len(penalty.finite()) else 0.0
        noted = trace.note("dropout.max", 0.0)
        dropout = float(noted) if isinstance(noted, (int, float)) else 0.0
        if decay >= self.min_decay and shrunk < self.max_shrink:
            yield self.finding(
                Text(
                    "Under a weight decay of {decay:g} the weights have shrunk to {shrunk:.1%} of their first size (median over layers).",
                    "在 {decay:g} 的权重衰减下，权重缩小到最初的 {shrunk:.1%}（各层中位数）。",
                ).format(decay=decay, shrunk=shrunk),
                severity="error", confidence=0.9, evidence=[self.evidence(s) for s in norms[:2]],
            )  # fmt: skip
        elif share >= self.min_penalty:
            assert penalty is not None
            yield self.finding(
                Text("A penalty makes up {share:.0%} of the loss.", "惩罚项占损失的 {share:.0%}。").format(share=share),
                severity="error", confidence=0.85, evidence=[self.evidence(penalty)],
            )  # fmt: skip
        elif penalty is not None and (flat := self._paid_off(trace, penalty)) is not None:
            yield self.finding(
                Text(
                    "The penalty has fallen to {rest:.1%} of its first share of the loss, and with it the output of {name} to {varied:.1%} of its first "
                    "spread: it no longer tells the samples apart.",
                    "惩罚项降到最初占比的 {rest:.1%}，{name} 输出的离散度也随之降到最初的 {varied:.1%}：它已不再区分样本。",
                ).format(rest=_newest(penalty) / _oldest(penalty), name=flat.place.name, varied=_newest(flat) / float(flat.finite()[0])),
                places=[flat.place], confidence=0.8, evidence=[self.evidence(penalty), self.evidence(flat)],
            )  # fmt: skip
        elif dropout >= self.min_dropout and (not reading.learns(trace, self.little_skill) or self._held_back(trace)):
            yield self.finding(
                Text("Dropout zeroes {p:.0%} of a layer's outputs.", "dropout 把某层 {p:.0%} 的输出置零。").format(p=dropout),
                confidence=0.8,
            )

    def _held_back(self, trace: Trace) -> bool:
        """With all its units, in validation, the net answers far better than it ever could in training."""
        training, validation = reading.skill(trace), reading.skill(trace, "validation")
        return training is not None and validation is not None and training + self.min_lift <= validation

    def _paid_off(self, trace: Trace, penalty: Signal) -> Signal | None:
        """The hidden layer whose answers have become all alike while the penalty went away."""
        if len(penalty.finite()) < 10 or _oldest(penalty) < self.min_paid or not 0 <= _newest(penalty) <= self.max_rest * _oldest(penalty):
            return None
        hidden = [
            s for s in trace.each("activation.std")
            if s.place.kind in reading.WEIGHTED and s.place.role != "output" and len(s.finite()) >= 10 and float(s.finite()[0]) > 0
        ]  # fmt: skip
        flat = min(hidden, key=lambda s: _newest(s) / float(s.finite()[0]), default=None)
        return flat if flat is not None and _newest(flat) <= self.max_varied * float(flat.finite()[0]) else None


def _pulled(trace: Trace, weight: Signal) -> bool:
    """The loss had a gradient for this weight at the start (or nobody looked)."""
    gradient = trace.signal("parameter.gradient_norm", weight.place.name)
    return gradient is None or not len(gradient) or bool((gradient.values[:10] != 0).any())


def _oldest(signal: Signal) -> float:
    return float(np.median(signal.finite()[:3]))


def _newest(signal: Signal) -> float:
    return float(np.median(signal.finite()[-5:]))
