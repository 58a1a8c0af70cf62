"""How a rule reads a trace: the loss curve, how much was learned, profiles over depth. Arithmetic only.

`skill` is the one measure of "does it learn" that all rules share: 0 = as good as knowing nothing of the input, 1 = perfect. It is taken from
accuracy or R2 where they could be recomputed, because a loss has no natural zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from unstuck.records import Place, Signal, Trace

#: Modules whose output is a weighted sum of their input.
WEIGHTED = ("Linear", "Conv1d", "Conv2d", "Conv3d", "Bilinear", "functional matmul", "LazyLinear")
#: Layers that carry a state along the sequence.
RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")
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


def spans(trace: Trace, signal: Signal) -> np.ndarray:
    """Share of the run's steps that each sample stands for, 0..1 [T]: samples are dense at the start, and each counts for the steps around it."""
    if not len(signal):
        return np.empty(0)
    steps = signal.steps.astype(float)
    edges = np.concatenate([[steps[0]], (steps[1:] + steps[:-1]) / 2, [max(steps[-1] + 1, trace.facts.steps)]])
    shares: np.ndarray = np.diff(edges) / (edges[-1] - edges[0])
    return shares


def most_of_the_run(trace: Trace, signal: Signal, share: float) -> float:
    """The value that a signal does not exceed in `share` of the run's steps; nan where nothing is finite."""
    good, weights = np.isfinite(signal.values), spans(trace, signal)
    values = signal.values[good].astype(float)
    if not len(values):
        return math.nan
    order = np.argsort(values)
    below = np.cumsum(weights[good][order])
    return float(values[order][min(int(np.searchsorted(below, share * below[-1])), len(values) - 1)])


def late_fall(trace: Trace) -> float:
    """Share of the loss by which the median of the run's last fifth lies below that of the fifth before; 0 below 50 steps."""
    loss = loss_curve(trace)
    values = loss.finite().astype(float) if loss is not None else np.empty(0)
    if len(values) < 50:
        return 0.0
    fifth = len(values) // 5
    before, last = float(np.median(values[-2 * fifth : -fifth])), float(np.median(values[-fifth:]))
    return (before - last) / max(abs(before), 1e-12)


def non_finite_step(trace: Trace) -> int | None:
    """The first step whose loss is NaN or Inf; None where there is none."""
    loss = loss_curve(trace)
    if loss is None:
        return None
    bad = np.flatnonzero(~np.isfinite(loss.values))
    return int(loss.steps[bad[0]]) if len(bad) else None


def grew(trace: Trace) -> bool:
    """The loss or the gradient had grown by orders of magnitude before the loss rose for good or was lost.

    Loss: the largest of the first finite stretch is above 10 times the first. Gradient: its total norm passes 100 times its first value,
    or 1000 at once.
    """
    loss, total = loss_curve(trace), trace.signal("gradient.total_norm")
    end = non_finite_step(trace)
    if loss is not None and len(loss):
        values = loss.values[loss.steps < end] if end is not None else loss.values
        if len(values) and float(np.max(values)) > 10 * max(abs(float(values[0])), 1e-3):
            return True
    if total is None:
        return False
    norms = total.values[total.steps < end] if end is not None else total.values
    norms = norms[np.isfinite(norms)]
    return bool(len(norms)) and (float(norms[0]) > 1e3 or float(norms.max()) > 100 * max(float(norms[0]), 1e-3))


def amplification(trace: Trace) -> float | None:
    """Norm of all weight gradients at the first sample over the norm of the gradient at the output of the last weighted layer.

    A few for a sane net (activations of unit scale, a few layers); it grows with what the layers between multiply the signal by.
    """
    total = trace.signal("gradient.total_norm")
    layers = [s for s in trace.each("gradient.norm") if s.place.kind in WEIGHTED]
    if total is None or not layers or not float(layers[-1].values[0]) > 0:
        return None
    return float(total.values[0]) / float(layers[-1].values[0])


def best_ever(trace: Trace, phase: str = "validation") -> float | None:
    """The best skill of a phase at any time; against luck the third best value of many accuracies, and an R2 that two neighbours reach."""
    for kind in ("accuracy", "r2"):
        signal = trace.signal(f"{phase}.{kind}")
        if signal is not None and len(signal.finite()):
            values = signal.finite()
            if kind == "r2" and len(values) > 1:
                return float(np.minimum(values[1:], values[:-1]).max())
            values = np.sort(values)
            return skill_of([float(values[-3] if len(values) >= 12 else values[-1])], kind, chance_share(trace))
    return None


def majority_share(trace: Trace) -> float | None:
    """Share of the commonest class over all sampled batches, or of the commoner one of zeros and ones in maps and lists of labels; None
    without classes."""
    shares = [float(s.values.mean()) * len(s.values) for s in trace.each("target.class_share")]
    if shares and sum(shares) > 0:
        return max(shares) / sum(shares)
    ones = share_of_ones(trace)
    return None if ones is None else max(ones, 1 - ones)


def chance_share(trace: Trace) -> float | None:
    """Accuracy of knowing nothing but the classes' shares; of so many classes that these are not kept, 1 / K; None without classes."""
    known, loss = majority_share(trace), trace.facts.loss
    if known is not None or loss is None or loss.kind not in ("cross-entropy", "nll") or len(loss.input_shape) < 2:
        return known
    classes = loss.input_shape[1]
    return 1 / classes if classes > 2 else None


def share_of_ones(trace: Trace) -> float | None:
    """Share of the ones among targets that are zeros and ones and have no classes; None for anything else."""
    mean, std = trace.signal("target.mean", "target"), trace.signal("target.std", "target")
    loss = trace.facts.loss
    if mean is None or std is None or not len(mean) or loss is None or loss.kind not in ("bce", "bce-with-logits"):
        return None
    share = float(mean.values.mean())
    variance = mean.median() * (1 - mean.median())
    return share if abs(variance - std.median() ** 2) <= 0.05 * std.median() ** 2 and 0 < share < 1 else None


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

    0 = the majority class, or the mean of the targets; 1 = perfect. Multi-label tasks count against one half. Where all samples are of one
    class there is nothing to know, and what scores only one term of the loss (a critic beside a policy) does not say what was learned.
    """
    if phase == "training" and in_part(trace):
        return None
    for kind in ("accuracy", "r2"):
        signal = trace.signal(f"{phase}.{kind}")
        if kind == "accuracy" and chance_share(trace) == 1.0:
            continue
        if signal is not None and len(signal.finite()):
            late = int((signal.steps[np.isfinite(signal.values)] >= trace.facts.steps / 2).sum())
            if phase == "validation" and not late:
                continue  # what it knew before most of the training, as a check before the first step shows it, says nothing about now
            value = skill_of(_newest(signal.finite(), kind, phase, last, rows(trace), late), kind, chance_share(trace))
            if kind == "accuracy" and phase == "training" and (sure := _sure(trace)) is not None:
                value = max(value, skill_of([sure], kind, chance_share(trace)))
            balanced = balanced_skill(trace) if kind == "accuracy" and phase == "training" else None
            return value if balanced is None else max(value, balanced)
    return None


#: Kinds of loss that are never below zero.
POSITIVE = ("mse", "l1", "smooth-l1", "huber", "cross-entropy")


def in_part(trace: Trace) -> bool:
    """The loss is more than what it is known by: an error that is never below zero, in a sum that is."""
    loss = trace.signal("loss.value")
    return trace.facts.loss is not None and trace.facts.loss.kind in POSITIVE and loss is not None and bool((loss.finite() < 0).any())


#: Samples over which the accuracy of training batches is taken at least. Our choice.
SCORED_SAMPLES = 200


def rows(trace: Trace) -> int:
    """Samples in a batch; those that the loss is given where no model was seen (functions of bare tensors); 0 = not known."""
    loss = trace.facts.loss
    return trace.facts.batch_size or (loss.input_shape[0] if loss is not None and loss.input_shape else 0)


def _newest(values: np.ndarray, kind: str, phase: str, last: int, batch: int, late: int) -> np.ndarray:
    """The values that a skill is taken from: enough of them for small batches, and their mean where each is a mean over few samples.

    `late`: those of the later half of the run; from the first steps, which are all sampled, nothing is taken as long as there are others.
    """
    if phase == "validation":
        return values[-max(1, min(last, len(values) // 4)) :]
    values = values[-max(last, min(math.ceil(SCORED_SAMPLES / max(batch, 1)), late)) :]
    return np.array([values.mean()]) if kind == "accuracy" else values


def _sure(trace: Trace) -> float | None:
    """Share of the newest single samples whose cross-entropy is below ln 2: the right class has more than half of the probability.

    Batches of one are scored at too few steps to tell how they are answered by the end; their loss is known at every step. None for others.
    """
    loss, curve, rest = trace.facts.loss, loss_curve(trace), trace.signal("loss.penalty_share")
    if loss is None or curve is None or loss.kind not in ("cross-entropy", "nll") or len(loss.input_shape) != 2 or loss.input_shape[0] != 1:
        return None
    if "LogSoftmax" not in "".join(loss.signature) or (rest is not None and float(np.max(np.abs(rest.finite()), initial=0.0)) > 0):
        return None  # what is not normalised, or has more in it, may be below ln 2 for other reasons
    newest = curve.values[-SCORED_SAMPLES:]
    return float(np.mean(newest < math.log(2))) if len(newest) == SCORED_SAMPLES else None


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
    """The better of the skills of training and validation, and for a text what the loss says."""
    known = [s for s in (skill(trace, "training"), skill(trace, "validation"), text_skill(trace)) if s is not None]
    return max(known) if known else None


#: Classes above which what follows a token is taken for text, not for a tag. Our choice.
TAGS = 10
#: Share of the tokens' entropy that knowing what goes before saves once a net clearly learns; a text as a whole saves more than half
#: (Shannon 1951, "Prediction and entropy of printed English"). Where the entropy is not known, the fall of the loss that counts as much.
TEXT_GAIN, TEXT_FALL = 0.2, 0.3
#: What that is on the scale of skills: clearly learning, and nobody knows how much is left.
TEXT_SKILL = 0.75


def is_text(trace: Trace) -> bool:
    """The net is asked for the next token, or for every token, of a text: most of that is left to chance however well it is trained."""
    loss = trace.facts.loss
    if loss is None or loss.kind not in ("cross-entropy", "nll") or len(loss.input_shape) < 2:
        return False
    if not str(trace.note("input.dtype", "")).startswith(("int", "uint")):
        return False
    classes = loss.input_shape[-1] if len(loss.input_shape) == 2 else loss.input_shape[1]
    vocabulary = {p.shape[0] for p in trace.facts.parameters if len(p.shape) == 2 and p.module in _tables(trace)}
    every_token = loss.target_shape[:1] != (trace.facts.batch_size,) or len(loss.target_shape) > 1
    return classes > TAGS and (every_token or classes in vocabulary)


def _tables(trace: Trace) -> set[str]:
    return {p.name for p in trace.facts.places if p.kind == "Embedding"}


def text_skill(trace: Trace) -> float | None:
    """How much a net has learned of a text, 0 = what single tokens' frequencies say, `TEXT_SKILL` = clearly more; None for anything else."""
    seen, chance = course(trace), chance_loss(trace)
    if not is_text(trace) or seen is None or not seen.finite:
        return None
    if chance is not None and chance > 0:
        return TEXT_SKILL * min((1 - seen.last / chance) / TEXT_GAIN, 1.0)
    return TEXT_SKILL * min((1 - seen.last / max(seen.start, 1e-12)) / TEXT_FALL, 1.0)


def adversarial(trace: Trace) -> bool:
    """Several models, each with an optimizer of its own (a GAN, actor and critic): one side's loss is the other's success."""
    return len(trace.facts.models) > 1 and len(trace.facts.optimizers) > 1


#: Share of the very first loss below which it is gone. Our choice.
GONE = 0.01


def learns(trace: Trace, enough: float = 0.5) -> bool | None:
    """Did it learn at least `enough` of what there is? From the skill, else from the fall of the loss; None where neither is known.

    A fall of the loss by half counts only where no skill is known: a loss may be far from its floor or next to it.
    """
    if adversarial(trace):
        return True  # neither the loss nor the score of either side says how well it goes
    known = best_skill(trace)
    if known is not None:
        return known >= enough
    seen = course(trace)
    if seen is None or not seen.finite:
        return None
    # A loss may be all but gone before the first tenth of the run is over.
    gone = seen.start > 0 and abs(seen.last) <= GONE * seen.start
    return gone or seen.fall >= enough


def chance_loss(trace: Trace) -> float | None:
    """Cross-entropy of knowing only the classes' shares, from their counts; None for other losses."""
    if trace.facts.loss is None or trace.facts.loss.kind not in ("cross-entropy", "nll"):
        return None
    shares = np.array([float(s.values.sum()) for s in trace.each("target.class_share")])
    if not len(shares) or shares.sum() <= 0:
        return None
    shares = shares[shares > 0] / shares.sum()
    return float(-(shares * np.log(shares)).sum())


def calls_per_step(trace: Trace) -> tuple[int, int]:
    """Fewest and most calls of the model in one optimizer step; more than one where it acts step by step, or gradients accumulate."""
    match trace.note("forward.calls"):
        case [int(fewest), int(most)]:
            return fewest, most
    return 1, 1


def information(trace: Trace) -> float | None:
    """Share of the loss of knowing only the classes' shares that the net has saved by the end, 1 = all; None for other losses.

    Where the same inputs have several right answers, the score stays low however much is known of them; this does not.
    """
    seen, chance = course(trace), chance_loss(trace)
    return None if seen is None or not seen.finite or not chance else 1 - seen.last / chance


def conflicting(trace: Trace, limit: float, least: int) -> float | None:
    """Share of the training samples met again that came with another target, where it is at least `limit` of at least `least`; else None."""
    again, conflicts = trace.note("targets.again", 0), trace.note("targets.conflicts", 0)
    if not isinstance(again, int) or not isinstance(conflicts, int) or again < least:
        return None
    return conflicts / again if conflicts >= limit * again else None


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


def early(trace: Trace) -> Callable[[Place], bool]:
    """Tells a weighted layer that is called once per forward; one that is called for every time step is a walk through time, not depth."""
    again = {p.name.partition("#")[0] for p in trace.facts.places if "#" in p.name and p.kind in WEIGHTED and p.kind != "functional matmul"}
    return lambda place: place.kind in WEIGHTED and "#" not in place.name and place.name not in again


def through_time(trace: Trace, least: int) -> list[Signal]:
    """Gradient norms at each call, in order, of what is called at least `least` times in one forward pass; else nothing.

    The same weights used again and again (a cell in a loop, PyTorch's own unrolled `nn.RNN`) are a walk through time; a shared activation
    function is not.
    """
    calls: dict[str, list[Signal]] = {}
    unrolled = any(p.kind in RECURRENT for p in trace.facts.places)
    for signal in trace.each("gradient.norm"):
        if signal.place.kind in WEIGHTED and (
            unrolled or signal.place.kind != "functional matmul" or signal.place.name.startswith("matmul(")
        ):
            calls.setdefault(signal.place.name.partition("#")[0], []).append(signal)
    name, longest = max(calls.items(), key=lambda item: len(item[1]), default=("", []))
    # Products without a name (earlier traces) are all in one row: PyTorch's own RNN projects the inputs of all time steps first.
    longest = longest[1:] if name == "matmul" else longest
    return longest if longest and span(longest) >= least else []


def call_number(place: Place) -> int:
    """How-manieth call of its layer in one step a place is, from 1; of many calls not all have a place (`attach/places.py`)."""
    return int(place.name.partition("#")[2] or 1)


def span(calls: Sequence[Signal]) -> int:
    """Time steps from the first to the last of the calls of one layer, both counted."""
    return call_number(calls[-1].place) - call_number(calls[0].place) + 1


def halfway(calls: Sequence[Signal]) -> int:
    """Index of the call in the middle of the time that they span."""
    numbers = [call_number(s.place) for s in calls]
    return min(range(len(numbers)), key=lambda i: abs(2 * numbers[i] - numbers[0] - numbers[-1]))


def hidden_units(trace: Trace) -> list[int]:
    """Units of every hidden layer with weights, and of the state of every recurrent one."""
    hidden = {p.name for p in trace.facts.places if p.kind in WEIGHTED and p.role != "output"}
    cells = {p.name for p in trace.facts.places if p.kind in RECURRENT}
    return [
        p.shape[1] if p.module in cells else p.shape[0]
        for p in trace.facts.parameters
        if len(p.shape) >= 2 and (p.module in hidden or (p.module in cells and "weight_hh" in p.name))
    ]


def weight_updates(trace: Trace) -> list[Signal]:
    """`update.ratio` of every weight; in a net without modules of the matrices that it multiplies by hand.

    Weights that start at zero (tables of biases) are left out where others do not: measured against themselves, any step of theirs is a large one.
    """
    ratios = [s for s in trace.each("update.ratio") if len(s)]
    weights = [s for s in ratios if s.place.kind == "weight"]
    weights = [s for s in weights if s.values[0] != math.inf] or weights
    return weights or [s for s in ratios if s.place.kind == "parameter" and len(s.place.shape) >= 2]


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
