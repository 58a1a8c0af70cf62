from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Place, Text, Trace


@dataclass(frozen=True)
class VanishingGradient(Rule):
    """The gradient shrinks from layer to layer on its way to the input, so the early layers hardly learn.

    ## What it sees
    The gradient at the output of each weighted layer (not at its weights: in a deep ReLU net the forward signal shrinks as the backward one
    does, and the two cancel in a weight gradient). It speaks when the first layers receive less than `max_ratio` of what the last one
    receives, over at least `min_layers` layers, while the net does not learn.
    ## Why it matters
    Each layer multiplies the gradient by the slope of its activation and by its weights: delta_(l-1) = W_l^T (f'(z_l) * delta_l).
    A sigmoid's slope is at most 0.25, so twenty such layers leave at most 1e-12 of the gradient.
    ## When it is wrong
    Bounded tasks that are learned by the last layers alone; nets whose branches join (the ratio along one branch is not that of all).
    It stays silent where the net learns all the same.
    ## References
    Hochreiter (1991), "Untersuchungen zu dynamischen neuronalen Netzen"; Glorot, Bengio (2010), "Understanding the difficulty of training
    deep feedforward neural networks".
    """

    zh = """梯度在传向输入的途中逐层变小，靠前的层几乎学不到东西。

    ## 看到什么
    每个带权层输出处的梯度（不是权重的梯度：在很深的 ReLU 网络里前向信号与反向信号同步缩小，二者在权重梯度中相互抵消）。当网络
    学不动，且在至少 `min_layers` 层上，最前面的层收到的梯度不足最后一层的 `max_ratio` 时报告。
    ## 为什么重要
    每一层都把梯度乘以激活函数的斜率和自身的权重：delta_(l-1) = W_l^T (f'(z_l) * delta_l)。sigmoid 的斜率不超过 0.25，
    二十层之后最多剩下 1e-12。
    ## 何时会错
    仅靠最后几层就能学会的任务；分支汇合的网络（单条分支上的比值不代表整体）。网络仍能学习时不报告。
    ## 参考文献
    Hochreiter (1991), "Untersuchungen zu dynamischen neuronalen Netzen"；Glorot, Bengio (2010), "Understanding the difficulty of
    training deep feedforward neural networks"。
    """

    root_cause = "vanishing-gradient"
    needs = ("gradient.norm",)
    explains = ("label-noise", "lr-too-high", "lr-too-low", "underfitting", "degradation", "batch-too-large")
    patience = 100

    max_ratio: float = 1e-3  # gradient at the first layer over that at the last; AutoTrainer's limit, measured at the outputs
    min_layers: int = 4  # weighted layers; fewer cannot multiply to much
    enough_skill: float = 0.5  # 0 = chance, 1 = perfect; above it the net learns all the same

    def check(self, trace: Trace) -> Iterator[Finding]:
        norms = reading.profile(trace, "gradient.norm", reading.early(trace), slice(0, 5))  # before a bad step size can have its effect
        if len(norms) < self.min_layers:
            raise CannotLook("fewer than four weighted layers with a gradient", "带梯度的带权层不足四层")
        if reading.learns(trace, self.enough_skill):
            return
        (first, low), (_, high) = norms[0], norms[-1]
        # In attention the first weighted layer is a branch (the queries); what reaches the embedding came along all of them.
        tables = reading.profile(trace, "gradient.norm", lambda p: p.kind == "Embedding" and p.order <= first.order, slice(0, 5))
        first, low = max([(first, low), *tables], key=lambda found: found[1])
        ratio = low / high if high > 0 else math.nan
        if not ratio <= self.max_ratio:
            return
        layers = len(norms) - 1
        per_layer = max(ratio, 1e-38) ** (1 / layers)
        between = [s for s in trace.each("gradient.gain") if norms[0][0].order < s.place.order <= norms[-1][0].order]
        slopes = [s for s in between if reading.is_activation(s.place) and s.place.role == "hidden"]
        slope = reading.geometric_mean(s.median(20) for s in slopes)
        weights = per_layer / slope if slope > 0 else math.nan
        activation = slopes[0].place.kind.removeprefix("functional ") if slopes else "activation"
        signal = trace.signal("gradient.norm", first.name)
        assert signal is not None
        yield self.finding(
            self._message(ratio, per_layer, slope, weights, activation, first),
            places=[p.place for p in slopes] or [p for p, _ in norms],
            severity="error",
            confidence=min(0.99, 0.7 + 0.05 * math.log10(self.max_ratio / max(ratio, 1e-38))),
            evidence=[self.evidence(signal, 0), *(self.evidence(s, 0) for s in slopes[:3])],
            first_step=int(signal.steps[0]),
        )

    @staticmethod
    def _message(ratio: float, per_layer: float, slope: float, weights: float, activation: str, first: Place) -> Text:
        head = Text(
            "The gradient shrinks {per:.2g}x per layer: {ratio:.1e} of the output layer's reaches {first}.",
            "梯度每层缩小到 {per:.2g} 倍：输出层的梯度只有 {ratio:.1e} 到达 {first}。",
        ).format(per=per_layer, ratio=ratio, first=first.name)
        if not math.isfinite(slope):
            return head
        bound = {"Sigmoid": 0.25, "sigmoid": 0.25, "Tanh": 1.0, "tanh": 1.0}.get(activation)
        en = f" (it cannot exceed {bound:g})" if bound else ""
        zh = f"（不可能超过 {bound:g}）" if bound else ""
        tail = Text(
            f" Of each {per_layer:.2g}x, the slope of the {activation} takes {slope:.2g}x{en} and the weights {weights:.2g}x.",
            f"其中 {activation} 的斜率占 {slope:.2g} 倍{zh}，权重占 {weights:.2g} 倍。",
        )
        return Text(head.en + tail.en, head.zh + tail.zh)
