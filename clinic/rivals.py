"""Ports of rivals' rules, scored on the very same traces as ours (`unstuck clinic` finds this file beside the cases).

Ports, not the tools themselves: thresholds and statistics from their documentation and code (`detections.md` part 2.1), read from what our
recorder measured. Where a rule needs a histogram or a hook that we do not have, the nearest signal stands in and the line says so. Each
function gives (problem, root cause) pairs; the first is what the tool reports first (its rules are asked in the order of its documentation).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.records import Signal, Trace

Told = list[tuple[str, str]]


def finite(signal: Signal | None) -> np.ndarray:
    return signal.finite() if signal is not None else np.empty(0)


def loss(trace: Trace) -> np.ndarray:
    return finite(trace.signal("loss.value"))


def lost(trace: Trace) -> bool:
    signal = trace.signal("loss.value")
    return signal is not None and not np.isfinite(signal.values).all()


def weight_gradients(trace: Trace) -> list[tuple[Signal, float]]:
    """Gradient norms of weights, and the factor that makes a mean magnitude of a norm (|g| / sqrt(n), the root mean square stands in)."""
    found = []
    for signal in trace.each("parameter.gradient_norm"):
        if signal.place.kind == "weight" and signal.place.shape:
            found.append((signal, 1 / np.sqrt(np.prod(signal.place.shape))))
    return found


def validation(trace: Trace) -> np.ndarray:
    return finite(trace.signal("validation.loss"))


def sagemaker(trace: Trace) -> Told:
    """SageMaker Debugger, built-in rules at their defaults (step intervals as sampled)."""

    def rules() -> Iterator[tuple[str, str]]:
        gradients = weight_gradients(trace)
        if any(np.any(s.finite() * k < 1e-7) for s, k in gradients):
            yield "VanishingGradient", "vanishing-gradient"
        if lost(trace):
            yield "ExplodingTensor", "non-finite"
        if any(s.last > 0.5 for s in trace.each("activation.silent_share")):
            yield "DeadRelu", "dead-units"
        # tanh beyond 9.5 or a sigmoid beyond -23..17 rounds to its bound: the share within 2 % of a bound stands in, at 0.98.
        if any(s.last > 0.98 for s in trace.each("activation.saturated_share")):
            yield "SaturatedActivation", "saturated-activation"
        norms = [s for s in trace.each("parameter.norm") if s.place.kind == "weight" and s.place.shape]
        variances = [float(s.values[0]) ** 2 / np.prod(s.place.shape) for s in norms]
        if len(variances) > 1 and max(variances) / max(min(variances), 1e-30) > 10:
            yield "PoorWeightInitialization", "bad-init-scale"
        ratios = [s for s in trace.each("update.ratio") if s.place.kind == "weight" and len(s.finite())]
        if any(np.any(s.finite() > 10) for s in ratios):
            yield "WeightUpdateRatio", "lr-too-high"
        if any(np.any(s.finite() < 1e-8) for s in ratios):
            yield "WeightUpdateRatio", "lr-too-low"
        curve = loss(trace)
        if len(curve) > 20 and np.mean(curve[-10:]) >= np.mean(curve[-20:-10]):
            yield "LossNotDecreasing", "underfitting"
        v = validation(trace)
        if len(v) and len(curve) and (v[-1] - np.mean(curve[-10:])) / max(np.mean(curve[-10:]), 1e-9) > 0.1:
            yield "Overfit", "overfitting"
        mean = trace.signal("input.mean", "input")
        if mean is not None and abs(mean.median()) > 0.2:
            yield "CheckInputImages", "inputs-not-normalised"
        shares = [float(s.values.mean()) for s in trace.each("target.class_share")]
        if shares and max(shares) / max(min(shares), 1e-9) > 10:
            yield "ClassImbalance", "class-imbalance"

    return list(rules())


def autotrainer(trace: Trace) -> Told:
    """AutoTrainer (Zhang et al. 2021), demo parameters."""

    def rules() -> Iterator[tuple[str, str]]:
        gradients = [s for s, _ in weight_gradients(trace)]
        curve = loss(trace)
        if lost(trace) or (len(curve) and abs(curve[-1]) > 1e3):
            yield "explode", "exploding-gradient"
        if len(gradients) > 1:
            first, last = gradients[0].median(), gradients[-1].median()
            if first < 1e-3 * last and first < 1e-4:
                yield "vanish", "vanishing-gradient"
            if first > 70 * last:
                yield "explode", "exploding-gradient"
        # "share of zero gradients >= .7": silent units stand in.
        if any(s.last >= 0.7 for s in trace.each("activation.silent_share")):
            yield "dying relu", "dead-units"
        accuracy = finite(trace.signal("training.accuracy"))
        if len(accuracy) > 10:
            swings = np.abs(np.diff(accuracy)) >= 0.03
            if swings.mean() >= 0.2 and accuracy[-5:].mean() < 0.7:
                yield "not converge", "lr-too-high"
            if accuracy.max() < 0.6 and np.diff(accuracy).max() < 0.01:
                yield "slow converge", "lr-too-low"
        std = trace.signal("input.max", "input")
        if std is not None and std.median() >= 10:
            yield "abnormal data", "inputs-not-normalised"

    return list(rules())


def deepdiagnosis(trace: Trace) -> Told:
    """DeepDiagnosis (Wardat et al. 2022)."""

    def rules() -> Iterator[tuple[str, str]]:
        if lost(trace):
            yield "numerical error", "non-finite"
        if any(s.median() > 0.5 for s in trace.each("activation.saturated_share")):
            yield "saturated activation", "saturated-activation"
        if any(s.median() >= 0.7 for s in trace.each("activation.zero_share") if "relu" in s.place.kind.lower()):
            yield "dead node", "dead-units"
        high, low = trace.signal("input.max", "input"), trace.signal("input.min", "input")
        if high is not None and low is not None and (high.median() > 1 or low.median() < -1):
            yield "improper data", "inputs-not-normalised"
        ratios = [s.median() for s in trace.each("update.ratio") if s.place.kind == "weight"]
        if any(r < 1e-5 for r in ratios):
            yield "unchanged weight", "lr-too-low"
        if any(r > 1e-1 for r in ratios):
            yield "learning rate", "lr-too-high"
        if any(s.median() * k < 1e-7 for s, k in weight_gradients(trace)):
            yield "vanishing gradient", "vanishing-gradient"
        curve = loss(trace)
        if len(curve) > 20 and np.mean(curve[-10:]) >= np.mean(curve[:10]):
            yield "loss not decreasing", "underfitting"

    return list(rules())


def thedeepchecker(trace: Trace) -> Told:
    """TheDeepChecker (Ben Braiek, Khomh 2023), settings.yaml."""

    def rules() -> Iterator[tuple[str, str]]:
        high, low = trace.signal("input.max", "input"), trace.signal("input.min", "input")
        if high is not None and low is not None and (abs(high.median() - 1) > 1e-3 or min(abs(low.median()), abs(low.median() + 1)) > 1e-3):
            yield "unscaled inputs", "inputs-not-normalised"
        if lost(trace):
            yield "nan", "non-finite"
        gradients = weight_gradients(trace)
        if any(s.median() * k < 1e-6 for s, k in gradients):
            yield "vanishing gradient", "vanishing-gradient"
        if any(s.median() * k > 1e6 for s, k in gradients):
            yield "exploding gradient", "exploding-gradient"
        stds = [s.values[0] for s in trace.each("activation.std")]
        if any(not 0.5 <= v <= 2 for v in stds):
            yield "activation variance", "bad-init-scale"
        if any(s.last > 0.5 for s in trace.each("activation.silent_share")):
            yield "dead neurons", "dead-units"
        if any(s.median() > 0.5 for s in trace.each("activation.saturated_share")):
            yield "saturated neurons", "saturated-activation"
        ratios = [np.log10(max(s.median(), 1e-30)) for s in trace.each("update.ratio") if s.place.kind == "weight"]
        if any(r > -1 for r in ratios):
            yield "fast updates", "lr-too-high"
        if any(r < -4 for r in ratios):
            yield "slow updates", "lr-too-low"
        curve = loss(trace)
        if len(curve) >= 50 and (np.sign(np.diff(curve[-50:]))[1:] != np.sign(np.diff(curve[-50:]))[:-1]).mean() > 0.5:
            yield "fluctuating loss", "lr-too-high"
        if len(curve) > 10 and curve[-1] >= 2 * curve.min():
            yield "diverging loss", "lr-too-high"

    return list(rules())


def torchmortem(trace: Trace) -> Told:
    """torchmortem at its documented defaults."""

    def rules() -> Iterator[tuple[str, str]]:
        gradients = [s for s, _ in weight_gradients(trace)]
        if any(np.any(s.finite() > 1000) for s in gradients):
            yield "exploding gradients", "exploding-gradient"
        if len(gradients) > 1 and gradients[-1].median() > 100 * gradients[0].median():
            yield "vanishing gradients", "vanishing-gradient"
        if any((s.finite() < 1e-8).mean() > 0.3 for s in gradients if len(s.finite())):
            yield "stalled gradients", "blocked-gradient"
        noise = finite(trace.signal("gradient.noise_ratio"))
        if len(noise) >= 10 and 1 / max(np.median(noise), 1e-9) < 1.0:
            yield "noisy gradients", "batch-too-small"
        # "saturated: mean abs output > 0.95", on every layer, bounded or not: the outputs' standard deviation stands in.
        if any(s.median() > 0.95 for s in trace.each("activation.std")):
            yield "saturated activations", "saturated-activation"
        if any(s.last > 0.5 for s in trace.each("activation.silent_share")):
            yield "dead units", "dead-units"
        ratios = [s.median() for s in trace.each("update.ratio") if s.place.kind == "weight"]
        if any(r > 1e-1 for r in ratios):
            yield "update ratio", "lr-too-high"
        if any(r < 1e-5 for r in ratios):
            yield "update ratio", "lr-too-low"
        curve = loss(trace)
        if len(curve) >= 20 and np.ptp(curve[-20:]) / max(abs(np.mean(curve[-20:])), 1e-12) < 1e-5:
            yield "plateau", "underfitting"

    return list(rules())


RIVALS = {
    "SageMaker Debugger": sagemaker,
    "AutoTrainer": autotrainer,
    "DeepDiagnosis": deepdiagnosis,
    "TheDeepChecker": thedeepchecker,
    "torchmortem": torchmortem,
}
