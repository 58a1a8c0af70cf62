from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Evidence, Finding, Place, Text, Trace

#: Nodes between a loss and its input that leave the input's values as they are, and those of losses written by hand.
PASSED = frozenset(
    [
        "MseLoss",
        "SmoothL1Loss",
        "HuberLoss",
        "NllLoss",
        "NllLoss2D",
        "LogSoftmax",
        "BinaryCrossEntropy",
        "BinaryCrossEntropyWithLogits",
        "Mean",
        "Sum",
        "Pow",
        "Sub",
        "Abs",
        "Neg",
        "Log",
        "Div",
        "View",
        "UnsafeView",
        "Squeeze",
        "Unsqueeze",
        "Select",
        "Slice",
        "Expand",
        "Clone",
        "Transpose",
        "Permute",
        "ToCopy",
        "Reshape",
        "ReshapeAlias",
    ]
)


#: Those that do nothing but give the values another shape.
RESHAPED = frozenset(
    ["View", "UnsafeView", "Squeeze", "Unsqueeze", "Clone", "Transpose", "Permute", "ToCopy", "Reshape", "ReshapeAlias"]
)  # fmt: skip


#: Functions of which an output may be the last one, by the name of their node: least and greatest value.
BOUNDS = {
    "Sigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0), "Relu": (0.0, np.inf), "Softmax": (0.0, 1.0), "Softplus": (0.0, np.inf), "Elu": (-1.0, np.inf),
    "LogSigmoid": (-np.inf, 0.0),
}  # fmt: skip


def _names(signature: Sequence[str]) -> list[str]:
    """Nodes without their endings: "SqueezeBackward1" -> "Squeeze"."""
    return [n.rstrip("0123456789").removesuffix("Backward") for n in signature]


@dataclass(frozen=True)
class LossOutputMismatch(Rule):
    """The last layer and the loss do not fit each other.

    ## What it sees
    What the loss was given: rows that are already probabilities in front of a cross-entropy on logits, or any values but
    log-probabilities in front of a KL divergence; logits that a ReLU or a sigmoid keeps from falling below 0 (seen in the values, or in the graph
    below an explicit log-softmax); a softmax over the samples of the batch in place of the classes; values within [0, 1] from a sigmoid, or a ReLU, in
    front of BCE-with-logits; shapes that broadcast ([N] against [N, 1]); a softmax over a single output; a bounded or rectified last layer whose range the targets leave; a
    squared error on a sigmoid or softmax over classes; a margin loss of labels 0 and 1; a Poisson loss of log rates (`log_input`) on what a softplus,
    ReLU or exponential gives.
    ## Why it matters
    Softmax twice leaves a floor under the loss (1.46 for ten classes) and flattens the gradient; a broadcast error compares every output
    with every target, and the best answer is the mean.
    ## When it is wrong
    The range of targets is known only from the batches seen.
    ## References
    PyTorch documentation of CrossEntropyLoss, BCEWithLogitsLoss, KLDivLoss and MSELoss; Golik, Doetsch, Ney (2013), "Cross-entropy vs. squared error
    training".
    """

    zh = """最后一层与损失函数不匹配。

    ## 看到什么
    损失函数收到了什么：在以 logits 为输入的交叉熵前已经是概率；KL 散度收到的不是对数概率；经过 ReLU 或 sigmoid、不可能小于 0 的 logits（由数值看出，或由显式 log-softmax 之下的计算图看出）；softmax 作用于批次中的样本而非类别；在 BCE-with-logits 前是 sigmoid 或 ReLU 的输出；会触发广播的形状（[N] 与 [N, 1]）；只有一个输出的 softmax；
    有界或整流的最后一层，而目标超出其值域；对类别用 sigmoid 或 softmax 加平方误差；标签为 0 和 1 的间隔损失；以对数率为输入（`log_input`）的泊松损失却收到 softplus、ReLU 或指数的输出。
    ## 为什么重要
    两次 softmax 给损失留下下限（十类时为 1.46）并压平梯度；广播会把每个输出与每个目标比较，最优解退化为均值。
    ## 何时会错
    目标的范围只能从见过的批次得知。
    ## 参考文献
    PyTorch 文档 CrossEntropyLoss、BCEWithLogitsLoss、KLDivLoss、MSELoss；Golik, Doetsch, Ney (2013), "Cross-entropy vs. squared error training"。
    """

    root_cause = "loss-output-mismatch"
    explains = (
        "lr-too-low", "underfitting", "vanishing-gradient", "saturated-activation", "dead-units", "overfitting", "class-imbalance",
        "over-regularised", "label-noise", "targets-not-normalised", "blocked-gradient",
    )  # fmt: skip

    tolerance: float = 1e-3  # how far a row of probabilities may be from summing to 1
    exact: float = 0.97  # confidence from which on a problem is an exact observation: probabilities taken for logits, shapes that broadcast
    near_floor: float = 1.4  # loss over the least that a sigmoid leaves; our choice
    good_skill: float = 0.93  # 0 = chance, 1 = perfect: a head that limits the loss but hardly the answer

    def check(self, trace: Trace) -> Iterator[Finding]:
        loss = trace.facts.loss
        if loss is None:
            raise CannotLook("the loss was not seen", "没有看到损失")
        for message, confidence, severity, evidence in self._problems(trace):
            yield self.finding(
                message,
                places=self._places(trace),
                severity=severity,  # type: ignore[arg-type]
                confidence=confidence,
                evidence=evidence,
                certain=confidence >= self.exact,
            )
            return

    def _problems(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        yield from self._over_the_batch(trace)
        yield from self._probabilities(trace)
        yield from self._shapes(trace)
        yield from self._single(trace)
        yield from self._ranges(trace)
        yield from self._binary(trace)
        yield from self._squared_error(trace)
        yield from self._margin(trace)

    @staticmethod
    def _places(trace: Trace) -> list[Place]:
        last = [p for p in trace.facts.places if p.role == "output" and p.file]
        return last[-1:]

    @staticmethod
    def _over_the_batch(trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        """Rows [N, C] whose softmax ran over N: what a sample is given depends on the others in its batch."""
        loss, dims = trace.facts.loss, trace.note("loss.softmax_dims", [])
        assert loss is not None
        # A square matrix may be one of similarities, compared both ways.
        if len(loss.input_shape) != 2 or loss.input_shape[0] == loss.input_shape[1] or not isinstance(dims, list):
            return
        if any(d in (0, -2) for d in dims):
            yield (
                Text(
                    "The softmax in front of the loss runs over the {n} samples of the batch (dimension 0), not over the {c} classes.",
                    "损失函数前的 softmax 作用于批次中的 {n} 个样本（第 0 维），而不是 {c} 个类别。",
                ).format(n=loss.input_shape[0], c=loss.input_shape[1]),
                0.98, "error", [],
            )  # fmt: skip

    def _probabilities(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        loss = trace.facts.loss
        assert loss is not None
        low, error, high = (trace.signal(f"output.{q}", "output") for q in ("min", "row_sum_error", "max"))
        head = _names(loss.signature)
        if loss.kind == "cross-entropy" and low is not None and error is not None and high is not None:
            sums_to_one = float(np.max(error.values[:20])) < self.tolerance and float(np.min(low.values[:20])) >= 0
            if sums_to_one:
                yield (
                    Text(
                        "The cross-entropy is given probabilities, not logits: each row lies in [0, 1] and sums to 1 within {e:.1g}.",
                        "交叉熵收到的是概率而不是 logits：每一行都在 [0, 1] 内且和为 1（误差 {e:.1g}）。",
                    ).format(e=float(np.max(error.values[:20]))),
                    0.98, "error", [self.evidence(error, 0)],
                )  # fmt: skip
            elif (float(np.min(low.values)) >= 0 and self._last_activation(head) in ("Sigmoid", "Relu")) or self._bounded_below(head):
                yield (
                    Text(
                        "The cross-entropy is given the output of a {name}: no logit can fall below 0.",
                        "交叉熵收到的是 {name} 的输出：没有 logit 能小于 0。",
                    ).format(name=self._last_activation(head).lower()),
                    0.85, self._weight(trace, head), [self.evidence(low, 0)],
                )  # fmt: skip
        if "NllLoss" in head[:1] and loss.kind == "nll" and high is not None and float(np.max(high.values[:20])) > self.tolerance:
            yield (
                Text(
                    "The negative log-likelihood is given values up to {high:.3g}; a log-probability is never above 0.",
                    "负对数似然收到的值最大为 {high:.3g}；对数概率不可能大于 0。",
                ).format(high=float(np.max(high.values[:20]))),
                0.97, "error", [self.evidence(high, 0)],
            )  # fmt: skip
        if loss.kind == "kl-div" and "Xlogy" not in head and low is not None and high is not None:
            least, most = float(np.min(low.values[:20])), float(np.max(high.values[:20]))
            if least >= 0 and most > self.tolerance:
                yield (
                    Text(
                        "The KL divergence is given values from {low:.3g} to {high:.3g}; it takes log-probabilities, which are never above 0.",
                        "KL 散度收到的值从 {low:.3g} 到 {high:.3g}；它需要的是对数概率，不可能大于 0。",
                    ).format(low=least, high=most),
                    0.98, "error", [self.evidence(high, 0)],
                )  # fmt: skip
        if loss.kind == "poisson-nll" and low is not None and float(np.min(low.values)) >= 0:
            passed = [n for n in head if n not in RESHAPED and n not in ("Mean", "Sum", "Sub", "Mul", "Add")]
            if passed[:1] == ["Exp"] and passed[1:2] and passed[1] in ("Softplus", "Relu", "Sigmoid", "Exp"):
                yield (
                    Text(
                        "The Poisson loss takes the exponential of what is already the output of a {name}: no expected count can fall below 1.",
                        "泊松损失对 {name} 的输出再取指数：期望计数不可能小于 1。",
                    ).format(name=passed[1].lower()),
                    0.9, "error", [self.evidence(low, 0)],
                )  # fmt: skip
        if loss.kind == "bce-with-logits" and low is not None and high is not None:
            inside = float(np.min(low.values)) >= 0 and float(np.max(high.values)) <= 1
            if inside and ("Sigmoid" in head or "Softmax" in head):
                yield (
                    Text(
                        "BCE-with-logits is given values that a sigmoid has already put into [0, 1].",
                        "BCE-with-logits 收到的是已经过 sigmoid 的 [0, 1] 内的值。",
                    ),
                    0.97, "error", [self.evidence(high, 0)],
                )  # fmt: skip
            elif float(np.min(low.values)) >= 0 and self._last_activation(head) == "Relu":
                yield (
                    Text(
                        "BCE-with-logits is given the output of a relu: no logit can fall below 0, no probability below one half.",
                        "BCE-with-logits 收到的是 relu 的输出：没有 logit 能小于 0，没有概率能低于二分之一。",
                    ),
                    0.85, "note" if reading.learns(trace, self.good_skill) else "error", [self.evidence(low, 0)],
                )  # fmt: skip

    def _weight(self, trace: Trace, head: list[str]) -> str:
        """A net that answers well all the same cannot bring its loss below the floor that a sigmoid leaves: ln(1 + (C - 1) / e) of C classes."""
        if not reading.learns(trace, self.good_skill):
            return "error"
        loss, course = trace.facts.loss, reading.course(trace)
        assert loss is not None
        if self._last_activation(head) != "Sigmoid" or course is None or loss.reduction != "mean" or len(loss.input_shape) < 2:
            return "note"
        floor = math.log(1 + (loss.input_shape[1] - 1) / math.e)
        return "warning" if floor / self.near_floor <= course.last <= self.near_floor * floor else "note"

    @staticmethod
    def _bounded_below(head: list[str]) -> bool:
        """The logits are what a sigmoid or a ReLU gives, unchanged, where the loss is given their log-softmax and they cannot be seen."""
        passed = [n for n in head if n not in RESHAPED]
        return passed[:2] == ["NllLoss", "LogSoftmax"] and passed[2:3] in (["Sigmoid"], ["Relu"])

    @staticmethod
    def _last_activation(head: list[str]) -> str:
        """The activation whose output the loss compares directly: nothing but views, and the loss's own arithmetic, in between."""
        for name in head:
            if name in BOUNDS:
                return name
            if name not in PASSED:
                return ""
        return ""

    def _shapes(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        loss = trace.facts.loss
        assert loss is not None
        mine, theirs = loss.input_shape, loss.target_shape
        elementwise = loss.kind in ("mse", "l1", "smooth-l1", "huber", "bce-with-logits", "bce")
        # A loss by hand: its shapes are those of a subtraction that the script made of outputs and targets.
        column = len(mine) + len(theirs) == 3 and mine[0] == theirs[0] > 1 and math.prod(mine) == math.prod(theirs)
        written = loss.kind == "unknown" and column and "Sub" in _names(loss.signature) and reading.learns(trace) is False
        if (elementwise or written) and mine and theirs and mine != theirs:
            yield (
                Text(
                    "The loss compares an output of shape {a} with a target of shape {b}: they broadcast, every output meets every target.",
                    "损失把形状 {a} 的输出与形状 {b} 的目标相比：二者会广播，每个输出都与每个目标比较。",
                ).format(a=list(mine), b=list(theirs)),
                0.98, "error", [],
            )  # fmt: skip

    def _ranges(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        loss, target = trace.facts.loss, trace.facts.target
        assert loss is not None
        low, high = trace.signal("target.min", "target"), trace.signal("target.max", "target")
        if target is None or low is None or high is None or loss.kind not in ("mse", "l1", "smooth-l1", "huber", "unknown"):
            return
        name = self._last_activation(_names(loss.signature))
        bounds = BOUNDS.get(name)
        if bounds is None:
            return
        lowest, highest = float(np.nanmin(low.values)), float(np.nanmax(high.values))
        slack = 0.05 * max(highest - lowest, 1e-9)
        if lowest < bounds[0] - slack or highest > bounds[1] + slack:
            yield (
                Text(
                    "The output passes a {name} and stays within [{a:g}, {b:g}]; the targets go from {low:.3g} to {high:.3g}.",
                    "输出经过 {name}，限于 [{a:g}, {b:g}]；目标却从 {low:.3g} 到 {high:.3g}。",
                ).format(name=name.lower(), a=bounds[0], b=bounds[1], low=lowest, high=highest),
                0.95, "error", [self.evidence(low, 0)],
            )  # fmt: skip

    def _binary(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        """A binary cross-entropy of targets that are no probabilities."""
        loss = trace.facts.loss
        low, high = trace.signal("target.min", "target"), trace.signal("target.max", "target")
        assert loss is not None
        if loss.kind not in ("bce", "bce-with-logits") or low is None or high is None:
            return
        lowest, highest = float(np.nanmin(low.values)), float(np.nanmax(high.values))
        if lowest < -self.tolerance or highest > 1 + self.tolerance:
            yield (
                Text(
                    "The binary cross-entropy is given targets from {low:.3g} to {high:.3g}; they are probabilities, within [0, 1].",
                    "二元交叉熵收到的目标从 {low:.3g} 到 {high:.3g}；目标是概率，应在 [0, 1] 内。",
                ).format(low=lowest, high=highest),
                0.97, "error", [self.evidence(low, 0)],
            )  # fmt: skip

    def _single(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        """Whatever the loss: the one output of a softmax says nothing of the input."""
        loss = trace.facts.loss
        least, most = trace.signal("output.min", "output"), trace.signal("output.max", "output")
        assert loss is not None
        if least is None or most is None or self._last_activation(_names(loss.signature)) != "Softmax":
            return
        if float(np.min(least.values)) == float(np.max(most.values)) == 1.0:
            yield (
                Text("A softmax over a single output is always 1.", "对单个输出作 softmax，结果恒为 1。"),
                0.98, "error", [self.evidence(least, 0)],
            )  # fmt: skip

    @staticmethod
    def _margin(trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        """A margin loss, max(0, 1 - y s) or log(1 + exp(-y s)), of labels 0 and 1: those of 0 take no part."""
        loss, target, labels = trace.facts.loss, trace.facts.target, trace.note("loss.margin_labels")
        assert loss is not None
        soft = loss.kind == "soft-margin" and target is not None and (target.minimum, target.maximum) == (0.0, 1.0)
        if labels == [0.0, 1.0] or soft:
            yield (
                Text(
                    "The margin loss is given labels 0 and 1; it takes -1 and 1: samples of label 0 have no gradient.",
                    "间隔损失收到的标签是 0 和 1；它需要 -1 和 1：标签为 0 的样本没有梯度。",
                ),
                0.97, "error", [],
            )  # fmt: skip

    def _squared_error(self, trace: Trace) -> Iterator[tuple[Text, float, str, list[Evidence]]]:
        loss, target = trace.facts.loss, trace.facts.target
        assert loss is not None
        name = self._last_activation(_names(loss.signature))
        if loss.kind == "mse" and target is not None and target.kind in ("one-hot", "binary") and name in ("Sigmoid", "Softmax"):
            if reading.learns(trace, self.good_skill):
                return
            yield (
                Text(
                    "A squared error on the output of a {name} against classes: where it is wrong and sure, the gradient carries p (1 - p).",
                    "对 {name} 的输出与类别目标使用平方误差：当预测错误而自信时，梯度带有因子 p (1 - p)。",
                ).format(name=name.lower()),
                0.7, "warning", [],
            )  # fmt: skip
