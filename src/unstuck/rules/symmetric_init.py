from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Finding, Signal, Text, Trace

EMBEDDING = ("Embedding", "EmbeddingBag")
RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


@dataclass(frozen=True)
class SymmetricInit(Rule):
    """The units of a hidden layer start identical and stay identical: the layer has the power of one unit.

    ## What it sees
    The share of rows of a hidden layer's weight that equal its first row (`parameter.identical_share`; the columns of an embedding and of a
    layer of the user's own, `parameter.identical_columns`; all gates of a recurrent layer), after the first step and again later: it speaks when at least `min_share` of them are equal in the first
    `min_measurements` and in most of all (rounding alone sets equal units apart, after many steps). And whole layers that stay copies of each
    other: weights of one shape whose norms (`parameter.norm`) change and are the same numbers in every one of `min_norms` measurements or more.
    And matrices that stay zero and get a gradient of zero, two of them at least: factors of one another.
    ## Why it matters
    Equal units get equal gradients, and equal gradients keep them equal; nothing but different starting values (or dropout) tells them apart.
    ## When it is wrong
    A last layer that starts at zero is different after one step and is not looked at; a layer that is not used is reported as a note where the
    net learns well.
    ## References
    Goodfellow, Bengio, Courville (2016), "Deep Learning", section 8.4: initialisation must break the symmetry.
    """

    zh = """一个隐藏层的单元一开始就完全相同，并且一直相同：整层只有一个单元的能力。

    ## 看到什么
    隐藏层权重中与第一行相等的行的比例（`parameter.identical_share`；嵌入层与用户自己的层看列，即 `parameter.identical_columns`；循环层看全部门），在第一步之后及其后再次测量；若前
    `min_measurements` 次以及大多数测量中都有至少 `min_share` 的行相等则报告（许多步之后，舍入误差也会使相同的单元分开）。此外还看始终互为副本的整层：
    形状相同的权重，其范数（`parameter.norm`）在变化，且在不少于 `min_norms` 次测量中每次都完全相等。还看始终为零且梯度为零的矩阵，至少两个：它们互为因子。
    ## 为什么重要
    相同的单元得到相同的梯度，于是一直相同；只有不同的初值（或 dropout）才能把它们区分开。
    ## 何时会错
    从零开始的最后一层在一步之后就不同了，不在观察之列；若网络学得好（该层并未使用），只作提示。
    ## 参考文献
    Goodfellow, Bengio, Courville (2016), "Deep Learning" 第 8.4 节：初始化必须打破对称。
    """

    root_cause = "symmetric-init"
    needs = ("parameter.identical_share",)
    explains = (
        "underfitting", "vanishing-gradient", "dead-units", "lr-too-low", "blocked-gradient", "saturated-activation", "bad-init-scale",
        "missing-nonlinearity", "class-imbalance", "degradation",
    )  # fmt: skip

    min_share: float = 0.99  # share of the rows, 0..1; detections.md part 2.3: cosine above 1 - 1e-6
    min_measurements: int = 2  # after the first step and once more: equal rows must stay equal
    min_norms: int = 5  # norms of two copied layers; two that are trained apart do not agree in all digits once
    good_skill: float = 0.9  # 0 = chance, 1 = perfect

    def check(self, trace: Trace) -> Iterator[Finding]:
        names = ("parameter.identical_share", "parameter.identical_columns")
        found = [s for name in names for s in trace.each(name) if self._symmetric(trace, s)]
        if not found:
            yield from self._zeros(trace) or self._copies(trace)
            return
        rows = self._units(trace, found[0])
        norm = trace.signal("parameter.norm", found[0].place.name)
        zero = norm is not None and float(norm.values[0]) == 0.0
        yield self.finding(
            Text(
                "All {rows} units of {name} are equal ({what}) at step {first} and still at step {last}; so in {count} hidden layers.",
                "{name} 的 {rows} 个单元在第 {first} 步全部相等（{zh}），到第 {last} 步仍相等；共有 {count} 个隐藏层如此。",
            ).format(
                rows=rows,
                name=found[0].place.name,
                what="all zero" if zero else "one constant start",
                zh="全为零" if zero else "相同的初值",
                first=int(found[0].steps[0]),
                last=int(found[0].steps[found[0].values >= self.min_share][-1]),
                count=len(found),
            ),
            places=[s.place for s in found],
            severity="note" if reading.learns(trace, self.good_skill) else "error",
            confidence=0.97,
            evidence=[self.evidence(s) for s in found[:3]],
            first_step=int(found[0].steps[self.min_measurements - 1]),
            certain=True,
        )

    def _zeros(self, trace: Trace) -> list[Finding]:
        """Matrices that start at zero and get a gradient of zero: each is multiplied by another one that is zero as well, and none ever moves."""
        gradients = {s.place.name: s for s in trace.each("parameter.gradient_norm")}
        trained = {p.name for p in trace.facts.parameters if p.optimizer is not None and p.requires_grad and len(p.shape) >= 2}
        still = [
            s for s in trace.each("parameter.norm")
            if s.place.name in trained and len(s) >= self.min_norms and not s.values.any() and s.place.name in gradients
            and len(gradients[s.place.name]) >= self.min_norms and not gradients[s.place.name].values.any()
        ]  # fmt: skip
        if len(still) < 2:
            return []
        text = Text(
            "{count} matrices that are trained ({names}) are zero at all {n} measurements up to step {last}, and so is their gradient: where two "
            "zero factors are multiplied, neither gets a gradient from the other.",
            "参与训练的 {count} 个矩阵（{names}）在到第 {last} 步为止的全部 {n} 次测量中都为零，梯度也为零：两个零因子相乘，谁也无法从对方得到梯度。",
        ).format(count=len(still), names=reading.abbreviated([s.place for s in still]), n=len(still[0]), last=int(still[0].steps[-1]))
        return [
            self.finding(
                text,
                places=[s.place for s in still],
                severity="note" if (reading.best_skill(trace) or 0.0) >= self.good_skill else "error",
                confidence=0.97,
                evidence=[self.evidence(s) for s in still[:3]],
                first_step=int(still[0].steps[self.min_norms - 1]),
            )
        ]

    def _copies(self, trace: Trace) -> Iterator[Finding]:
        """Layers side by side that started as copies (`copy.deepcopy`) and get the same gradient: all of them compute one thing."""
        idle = {p.name for p in trace.facts.parameters if p.optimizer is None}  # a target network follows the other on purpose
        groups: dict[tuple[tuple[int, ...], bytes], list[Signal]] = {}
        for signal in trace.each("parameter.norm"):
            moves = len(signal) >= self.min_norms and len(np.unique(signal.values)) >= self.min_norms
            matrix = signal.place.kind == "weight" and len(signal.place.shape) >= 2 and signal.place.name not in idle
            if matrix and moves and len(signal.finite()) == len(signal):
                groups.setdefault((signal.place.shape, signal.values.tobytes()), []).append(signal)
        copies = [group for group in groups.values() if len(group) > 1]
        if not copies:
            return
        first, second = copies[0][:2]
        yield self.finding(
            Text(
                "{count} layers stay copies of each other: the weights of {a}, {b} ... have the same norm at all {n} measurements up to "
                "step {last}, while it changes.",
                "{count} 个层始终互为副本：{a}、{b} 等的权重范数在到第 {last} 步为止的全部 {n} 次测量中都相等，而数值在变化。",
            ).format(
                count=sum(len(group) for group in copies), a=first.place.name, b=second.place.name, n=len(first), last=int(first.steps[-1])
            ),
            places=[s.place for group in copies for s in group],
            severity="note" if reading.learns(trace, self.good_skill) else "error",
            confidence=0.97,
            evidence=[self.evidence(s) for s in copies[0][:3]],
            first_step=int(first.steps[self.min_norms - 1]),
            certain=True,
        )

    def _symmetric(self, trace: Trace, signal: Signal) -> bool:
        place = trace.place(signal.place.name.rpartition(".")[0])
        equal = signal.values >= self.min_share
        if len(signal) < self.min_measurements or not bool(equal[: self.min_measurements].all()) or 2 * int(equal.sum()) <= len(signal):
            return False
        if (
            signal.name == "parameter.identical_columns"
        ):  # the units of a table, and of a layer of the user's own that multiplies by it from the right
            own = place is not None and place.role == "hidden" and place.kind not in (*reading.WEIGHTED, *RECURRENT)
            return place is not None and (place.kind in EMBEDDING or own)
        if signal.place.kind == "parameter" and len(signal.place.shape) == 2:
            return place is None or place.kind not in (*EMBEDDING, *reading.WEIGHTED)
        if place is None:
            return False
        return place.kind in RECURRENT or (place.kind in reading.WEIGHTED and place.role == "hidden")

    @staticmethod
    def _units(trace: Trace, signal: Signal) -> int:
        """Units of the layer: rows of a weight; columns of an embedding and of what is multiplied by hand; hidden units, not their gates."""
        shape = signal.place.shape
        if "weight_ih" in signal.place.name or "weight_hh" in signal.place.name:
            recurrent = next((s.place for s in trace.each(signal.name) if s.place.name == signal.place.name.replace("_ih", "_hh")), None)
            return int(recurrent.shape[1]) if recurrent is not None else int(shape[0])
        return int(shape[1 if signal.place.kind == "parameter" or signal.name == "parameter.identical_columns" else 0])
