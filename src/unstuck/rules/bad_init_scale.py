from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Evidence, Finding, Place, Text, Trace


@dataclass(frozen=True)
class BadInitScale(Rule):
    """The initial weights are far too large or too small for their fan-in, so the signal's scale drifts from layer to layer.

    ## What it sees
    fan_in * Var(w) of the weight layers at the start (1/3 for PyTorch's default, 1 for orthogonal, 2 for He): at least `min_layers_share` of
    the layers are above `max_gain` or below `min_gain`. That alone is never reported. It needs its consequence at the first step as well:
    a loss of at least `max_loss` times that of knowing nothing, hidden activations that grow by `max_growth` or shrink to `min_growth` per
    layer, or bounded units at their bounds; and a net that has learned less than `enough_skill`. An output layer alone is enough where the
    loss tells (a head at a standard deviation of 1, or tied to an embedding that PyTorch draws so).
    ## Why it matters
    Var(z_l) = fan_in Var(w) E[x^2]: a factor c per layer is c^L at the end of L layers; what is not lost to overflow, saturation or a loss in
    the hundreds is lost to underflow.
    ## When it is wrong
    Normalisation layers repair the scale, so a net with one for every other layer is not looked at. A last layer at zero, residual branches at
    zero, a standard deviation of 0.02 in front of layer norms, orthogonal or identity weights and embeddings are usual and are not
    reported. Whatever the start, it is a note only where the net learns well.
    ## References
    Glorot, Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks"; He et al. (2015), "Delving deep into
    rectifiers"; Mishkin, Matas (2016), "All you need is a good init".
    """

    zh = """初始权重相对于扇入远过大或过小，信号的尺度逐层漂移。

    ## 看到什么
    训练开始时各权重层的 fan_in * Var(w)（PyTorch 默认 1/3，正交 1，He 2）：至少 `min_layers_share` 的层高于 `max_gain` 或低于 `min_gain`。
    仅此从不报告，还需要在第一步就有其后果：损失至少为一无所知时的 `max_loss` 倍、隐藏激活每层增大到 `max_growth` 倍或缩小到
    `min_growth` 倍、或有界单元停在边界；并且网络学到的不足 `enough_skill`。若损失已说明问题，仅输出层过大也算（标准差为 1 的输出层，或与
    PyTorch 默认初始化的嵌入共享权重）。
    ## 为什么重要
    Var(z_l) = fan_in Var(w) E[x^2]：每层一个因子 c，L 层之后就是 c^L；不是因溢出、饱和或上百的损失而失效，就是因下溢而失效。
    ## 何时会错
    归一化层会修正尺度，每隔一层就有归一化的网络不看。为零的最后一层、为零的残差分支、layer norm 之前的标准差 0.02、正交或单位阵权重、
    嵌入都很常见，不报告。无论起点如何，网络学得好时只作提示。
    ## 参考文献
    Glorot, Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks"；He 等 (2015), "Delving deep into
    rectifiers"；Mishkin, Matas (2016), "All you need is a good init"。
    """

    root_cause = "bad-init-scale"
    needs = ("parameter.norm",)
    explains = (
        "exploding-gradient", "vanishing-gradient", "saturated-activation", "dead-units", "lr-too-high", "lr-too-low", "underfitting", "non-finite",
        "clipping-too-tight", "overfitting", "momentum-too-high", "degradation", "batch-too-large",
    )  # fmt: skip

    max_gain: float = 5.0  # fan_in * Var(w); two and a half times He's
    min_gain: float = 0.045  # a seventh of PyTorch's default
    min_layers_share: float = 0.4  # of the weight layers
    max_loss: float = 2.0  # first loss over that of knowing nothing; detections.md part 2.3 starts at 3; scripts/margins.py
    max_growth: float = 2.5  # per layer, geometric mean; detections.md part 2.3 has a factor 3 in 3 layers for a warning
    min_growth: float = 0.4  # per layer; a factor 2.5 the other way
    enough_skill: float = 0.9  # 0 = chance, 1 = perfect

    def check(self, trace: Trace) -> Iterator[Finding]:
        gains = list(self._gains(trace))
        if not gains:
            raise CannotLook("no weight layer was followed", "没有跟踪到权重层")
        norms = sum(p.role == "norm" for p in trace.facts.places)
        protected = norms >= max(1, (len(gains) - 1) / 2)
        large = [g for g in gains if g[1] > self.max_gain]
        outputs = [g for g in (*gains, *self._shared_output(trace)) if g[0].role == "output" and g[1] > self.max_gain]
        small = [g for g in gains if g[1] < self.min_gain and g[0].role != "output"]
        loss = self._loss_ratio(trace)
        growth, layers = self._growth(trace)
        poor = reading.learns(trace, self.enough_skill) is not True
        if len(large) >= self.min_layers_share * len(gains):
            grows = layers >= 2 and growth >= self.max_growth and not protected
            if not (loss >= self.max_loss or grows or (self._pinned(trace) >= 0.5 and not protected)):
                return
            yield self._finding(trace, large, loss, growth, poor, "large")
        elif outputs and loss >= self.max_loss:
            yield self._finding(trace, outputs, loss, 1.0, poor, "large")
        elif len(small) >= self.min_layers_share * len(gains) and layers >= 2 and growth <= self.min_growth and not protected and poor:
            yield self._finding(trace, small, loss, growth, poor, "small")

    def _gains(self, trace: Trace) -> Iterator[tuple[Place, float]]:
        """Weight layers with their gain; for a matrix multiplied by hand the side that is the input is not known: the milder reading counts."""
        for signal in trace.each("parameter.norm"):
            shape = signal.place.shape
            if len(shape) < 2 or min(shape[:2]) < 2 or not len(signal):
                continue
            update = trace.signal("update.ratio", signal.place.name)
            if update is not None and len(update) and not float(update.values[0]) < 0.5:
                continue  # the weight at the start is no longer known after such a step
            square = float(signal.values[0]) ** 2
            module = trace.place(signal.place.name.rpartition(".")[0])
            if module is not None and module.kind in reading.WEIGHTED:
                yield module, square / shape[0]
            elif len(shape) == 2 and ((module is None and signal.place.kind == "parameter") or trace.place(f"matmul({signal.place.name})")):
                options = sorted((square / shape[0], square / shape[1]))
                yield module or signal.place, options[0] if options[0] > 1 else options[1]

    @staticmethod
    def _shared_output(trace: Trace) -> Iterator[tuple[Place, float]]:
        """An output layer whose weight goes by another layer's name (tied to an embedding), with its gain as its values show it."""
        for before, place in itertools.pairwise(sorted((s.place for s in trace.each("activation.std")), key=lambda p: p.order)):
            named = trace.signal("parameter.norm", f"{place.name}.weight") is not None
            if place.role != "output" or place.kind not in reading.WEIGHTED or named:
                continue
            after, std, mean = (trace.signal(f"activation.{n}", p.name) for n, p in (("std", place), ("std", before), ("mean", before)))
            if after is None or std is None or mean is None or not (len(after) and len(std) and len(mean)):
                continue
            square = float(std.values[0]) ** 2 + float(mean.values[0]) ** 2
            if square > 0:
                yield place, float(after.values[0]) ** 2 / square

    @staticmethod
    def _loss_ratio(trace: Trace) -> float:
        """The first loss over that of knowing nothing: the entropy of the classes (ln K where it is not known), or the mean square of the targets
        about their mean."""
        loss = reading.loss_curve(trace)
        if loss is None or not len(loss) or trace.facts.loss is None:
            return 0.0
        chance = reading.chance_loss(trace)
        if chance is None and trace.facts.loss.kind == "mse" and trace.facts.loss.reduction == "mean":
            std, mean = trace.signal("target.std", "target"), trace.signal("target.mean", "target")
            if std is not None and mean is not None and len(std) and len(mean):
                chance = float(std.values[0]) ** 2 + float(mean.values[0]) ** 2
        elif chance is None and trace.facts.loss.kind in ("bce", "bce-with-logits") and trace.facts.loss.reduction == "mean":
            chance = math.log(2)
        elif chance is None and trace.facts.loss.kind in ("cross-entropy", "nll") and len(trace.facts.loss.input_shape) >= 2:
            chance = math.log(max(trace.facts.loss.input_shape[1], 2))  # of so many classes that their shares are not kept: at most this
        first = float(loss.values[0])
        if not chance or chance <= 1e-6:
            return 0.0
        return first / chance if math.isfinite(first) else math.inf

    @staticmethod
    def _growth(trace: Trace) -> tuple[float, int]:
        """Factor per layer by which the spread over the samples changes at the first step, over the weighted layers in order."""
        layer = reading.early(trace)
        spread = reading.profile(trace, "activation.spread", lambda p: layer(p) and p.role == "hidden", slice(0, 1))
        values = [v for _, v in spread if v > 0]
        start = [float(s.values[0]) for s in trace.each("input.std") if len(s) and float(s.values[0]) > 0]
        chain = [*start[:1], *values]
        if len(chain) < 2:
            return 1.0, len(values)
        return (chain[-1] / chain[0]) ** (1 / (len(chain) - 1)), len(values)

    @staticmethod
    def _pinned(trace: Trace) -> float:
        shares = [float(s.values[0]) for s in trace.each("activation.saturated_share") if s.place.role == "hidden" and len(s)]
        return float(np.median(shares)) if shares else 0.0

    def _finding(self, trace: Trace, layers: list[tuple[Place, float]], loss: float, growth: float, poor: bool, what: str) -> Finding:
        gain = reading.geometric_mean(g for _, g in layers)
        en, zh = "", ""
        if loss >= self.max_loss:
            en, zh = f"; the first loss is {loss:.3g} times that of knowing nothing", f"；首个损失是一无所知时的 {loss:.3g} 倍"
        if growth >= self.max_growth or growth <= self.min_growth:
            en += f"; the activations change {growth:.2g}x per layer"
            zh += f"；激活每层变为 {growth:.2g} 倍"
        evidence: list[Evidence] = []
        for place, _ in layers[:3]:
            signal = trace.signal("parameter.norm", f"{place.name}.weight") or trace.signal("parameter.norm", place.name)
            if signal is not None:
                evidence.append(self.evidence(signal, 0))
        return self.finding(
            Text(
                "fan_in * Var(w) is {gain:.2g} at the start in {count} layers (usual: 0.33 to 2; limits {low:g} and {high:g}){en}.",
                "{count} 层在开始时 fan_in * Var(w) 为 {gain:.2g}（通常 0.33 至 2；界限 {low:g} 与 {high:g}）{zh}。",
            ).format(gain=gain, count=len(layers), low=self.min_gain, high=self.max_gain, en=en, zh=zh),
            places=[p for p, _ in layers],
            severity="error" if poor else "note",
            confidence=0.9 if what == "large" else 0.85,
            evidence=evidence,
        )
