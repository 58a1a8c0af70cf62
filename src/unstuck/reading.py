"""How a rule reads a trace: the loss curve, how much was learned, profiles over depth. Arithmetic only.

`skill` is the one measure of "does it learn" that all rules share: 0 = as good as knowing nothing of the input, 1 = perfect. It is taken from
accuracy or R2 where they could be recomputed, because a loss has no natural zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from unstuck.records import Place, Signal, Trace

#: Modules whose output is a weighted sum of their input.
WEIGHTED = ("Linear", "Conv1d", "Conv2d", "Conv3d", "Bilinear", "functional matmul", "LazyLinear")
ACTIVATIONS = (
    "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU", "Mish", "Softplus", "Hardtanh", "ReLU6", "Hardsigmoid", "Hardswish",
    "PReLU", "CELU", "Softsign", "Threshold", "LogSigmoid",
)  # fmt: skip
NORMALISING = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "RMSNorm")


def is_activation(place: Place) -> bool:
    """An activation function, as a module or as a call."""
    return place.kind in ACTIVATIONS or (
        place.kind.startswith("functional ") and place.kind not in ("functional matmul", "functional softmax")
    )


def loss_curve(trace: Trace) -> Signal | None:
    """The loss of every step, or None."""
    return trace.signal("loss.value")


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Medians of neighbouring blocks of `width` values [T // width]; robust against single spikes."""
    count = len(values) // width
    return np.median(values[: count * width].reshape(count, width), axis=1) if count else np.empty(0)


@dataclass(frozen=True)
class Course:
    """The course of the loss: medians of its first and last tenth (at least 5 steps each), and its best tenth."""

    first: float
    last: float
    best: float
    #: Loss of the very first step.
    start: float
    steps: int
    finite: bool

    @property
    def fall(self) -> float:
        """Share of the first loss that is gone, 0..1 for a loss that cannot be negative; negative where it rose."""
        return (self.first - self.last) / max(abs(self.first), 1e-12)


def course(trace: Trace) -> Course | None:
    """The course of the loss; None below 10 steps."""
    loss = loss_curve(trace)
    if loss is None or len(loss) < 10:
        return None
    values = loss.values.astype(float)
    good = values[np.isfinite(values)]
    if len(good) < 5:
        return Course(math.nan, math.nan, math.nan, float(values[0]), len(values), False)
    width = max(5, len(good) // 10)
    blocks = smooth(good, width) if len(good) >= 2 * width else np.array([np.median(good)])
    finite = bool(np.isfinite(values[-5:]).all())
    return Course(
        float(np.median(good[:width])), float(np.median(good[-width:])), float(blocks.min()), float(values[0]), len(values), finite
    )


def majority_share(trace: Trace) -> float | None:
    """Share of the commonest class over all sampled batches; None without classes."""
    shares = [float(s.values.mean()) * len(s.values) for s in trace.each("target.class_share")]
    return max(shares) / sum(shares) if shares and sum(shares) > 0 else None


def class_count(trace: Trace) -> int:
    """Number of classes seen; 0 without classes."""
    return sum(1 for _ in trace.each("target.class_share"))


def skill_of(values: Iterable[float], kind: str, chance: float | None) -> float:
    """Median of accuracies or R2 on the scale 0 = chance, 1 = perfect."""
    value = float(np.median(list(values)))
    if kind == "r2":
        return value
    chance = 0.5 if chance is None else chance
    return (value - chance) / max(1 - chance, 1e-9)


def skill(trace: Trace, phase: str = "training", last: int = 8) -> float | None:
    """How much was learned by the end, from the newest `last` values of a phase; None where nothing could be recomputed.

    0 = the majority class, or the mean of the targets; 1 = perfect. Multi-label tasks count against one half.
    """
    for kind in ("accuracy", "r2"):
        signal = trace.signal(f"{phase}.{kind}")
        if signal is not None and len(signal.finite()):
            count = last if phase == "training" else max(1, min(last, len(signal) // 4))
            value = skill_of(signal.finite()[-count:], kind, majority_share(trace))
            balanced = balanced_skill(trace) if kind == "accuracy" and phase == "training" else None
            return value if balanced is None else max(value, balanced)
    return None


def balanced_skill(trace: Trace, last: int = 16) -> float | None:
    """Mean recall of the classes over the newest `last` samples, 0 = chance; None unless one class is much commoner than the others.

    A net that is trained to be right on rare classes (weighted losses) may answer fewer samples rightly than the majority class would.
    """
    shares, rights = ({s.place.name: s for s in trace.each(n)} for n in ("target.class_share", "training.right_share"))
    majority = majority_share(trace)
    if not rights or majority is None or majority < 1.5 / max(len(shares), 1):
        return None
    recalls = []
    for name, signal in shares.items():
        there = float(signal.values[-last:].sum())
        if there > 0 and name in rights:
            recalls.append(min(float(rights[name].values[-last:].sum()) / there, 1.0))
    return (float(np.mean(recalls)) - 1 / len(recalls)) / (1 - 1 / len(recalls)) if len(recalls) > 1 else None


def best_skill(trace: Trace) -> float | None:
    """The better of the skills of training and validation."""
    known = [s for s in (skill(trace, "training"), skill(trace, "validation")) if s is not None]
    return max(known) if known else None


def learns(trace: Trace, enough: float = 0.5) -> bool | None:
    """Did it learn at least `enough` of what there is? From the skill, else from the fall of the loss; None where neither is known.

    A fall of the loss by half counts only where no skill is known: a loss may be far from its floor or next to it.
    """
    known = best_skill(trace)
    if known is not None:
        return known >= enough
    seen = course(trace)
    return None if seen is None or not seen.finite else seen.fall >= enough


def chance_loss(trace: Trace) -> float | None:
    """Cross-entropy of knowing only the classes' shares, from their counts; None for other losses."""
    if trace.facts.loss is None or trace.facts.loss.kind not in ("cross-entropy", "nll"):
        return None
    shares = np.array([float(s.values.sum()) for s in trace.each("target.class_share")])
    if not len(shares) or shares.sum() <= 0:
        return None
    shares = shares[shares > 0] / shares.sum()
    return float(-(shares * np.log(shares)).sum())


def profile(trace: Trace, name: str, chosen: Callable[[Place], bool], samples: slice = slice(0, 20)) -> list[tuple[Place, float]]:
    """Median of a signal over some samples at each chosen place, in data-flow order; places without a finite value are left out."""
    found = []
    for signal in trace.each(name):
        if chosen(signal.place):
            values = signal.values[samples]
            values = values[np.isfinite(values)]
            if len(values):
                found.append((signal.place, float(np.median(values))))
    return found


def early(place: Place) -> bool:
    """A weighted layer that is called once per forward."""
    return place.kind in WEIGHTED and "#" not in place.name


def weight_gain(trace: Trace, place: Place) -> float | None:
    """fan_in * Var(w) of a layer at the first sample: 1/3 for PyTorch's default, 1 for LeCun and orthogonal, 2 for He; None if unknown.

    For a weight [out, in, ...], |W|^2 / out is fan_in times the mean square of the weights.
    """
    norm = trace.signal("parameter.norm", f"{place.name}.weight")
    if norm is None or len(norm.place.shape) < 2:
        return None
    return float(norm.values[0]) ** 2 / norm.place.shape[0]


def geometric_mean(values: Iterable[float]) -> float:
    """exp of the mean log of the positive values; nan for none."""
    logs = [math.log(v) for v in values if v > 0 and math.isfinite(v)]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def abbreviated(places: list[Place]) -> str:
    """Names for a message: "net.0", "net.0, net.2" or "net.0 … net.12"."""
    names = [p.name for p in places]
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} … {names[-1]}"
