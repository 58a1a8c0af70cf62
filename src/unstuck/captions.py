"""What stands on and under charts: names of signals, titles, and a sentence for those who cannot see the picture."""

from __future__ import annotations

import math

from unstuck.charts import Curve, Gain, HeatMap, typical
from unstuck.language import _


def signal(name: str) -> str:
    """What a signal is called."""
    return {
        "loss.value": _("loss"),
        "validation.loss": _("validation loss"),
        "training.accuracy": _("training accuracy"),
        "validation.accuracy": _("validation accuracy"),
        "training.r2": _("training R2"),
        "validation.r2": _("validation R2"),
        "gradient.norm": _("gradient at the output of each place"),
        "gradient.rms": _("gradient per element"),
        "gradient.gain": _("gradient gain"),
        "gradient.total_norm": _("norm of the whole gradient"),
        "gradient.noise_ratio": _("gradient noise over gradient"),
        "gradient.cosine": _("cosine of successive gradients"),
        "gradient.leftover_ratio": _("gradient left over from the step before"),
        "activation.std": _("standard deviation of the output"),
        "activation.mean": _("mean of the output"),
        "activation.max": _("largest output"),
        "activation.spread": _("spread of the output over the samples"),
        "activation.zero_share": _("share of zeros in the output"),
        "activation.silent_share": _("share of dead units"),
        "activation.saturated_share": _("share of saturated outputs"),
        "update.ratio": _("update over weight"),
        "update.norm": _("norm of the update"),
        "parameter.norm": _("norm of the weights"),
        "parameter.gradient_norm": _("gradient of the weights"),
        "lr.value": _("learning rate"),
        "input.feature_std": _("standard deviation of each input feature"),
        "input.feature_mean": _("mean of each input feature"),
    }.get(name, name)


def chart_words() -> dict[str, str]:
    """What the charts themselves say."""
    return {
        "step": _("step"),
        "unmeasured": _("not measured"),
        "nonfinite": _("not a finite number"),
        "weights": _("weights"),
        "activation": _("activation"),
        "other": _("other"),
        "profile": _("median of the first samples"),
        "gains": _("gain: gradient sent on / received"),
        "trend": _("running median"),
        "made": _("made at"),
        "input": _("input"),
        "output": _("output"),
    }


def of_map(chart: HeatMap) -> str:
    """A heat map in one sentence."""
    low, high = (number(float(chart.medians[i])) for i in (0, -1))
    first, last = chart.places[0].name, chart.places[-1].name
    return _(
        "{signal}: {places} places in data-flow order, {steps} sampled steps; at first {low} at {first} and {high} at {last} (medians)."
    ).format(signal=signal(chart.signal), places=len(chart.places), steps=chart.sampled, low=low, first=first, high=high, last=last)


def of_curves(curves: list[Curve]) -> str:
    """Curves in one sentence each."""
    said = []
    for one in curves:
        good = one.values[~(one.values != one.values)]
        if len(good):
            name = signal(one.signal) if one.place in ("run", "") else f"{signal(one.signal)}, {one.place}"
            values = {
                "start": number(float(good[0])),
                "end": number(float(good[-1])),
                "low": number(good.min()),
                "high": number(good.max()),
            }
            said.append(_("{signal}: {start} at first, {end} at last, between {low} and {high}.").format(signal=name, **values))
    return " ".join(said)


def of_gains(found: list[Gain]) -> str:
    """The split of the gradient's way in one sentence."""
    weights, slopes = typical(found, "weights"), typical(found, "activation")
    said = [_("Typical gain of the weights: {gain}x.").format(gain=number(weights))] if weights is not None else []
    said += [_("Typical gain of the activations: {gain}x.").format(gain=number(slopes))] if slopes is not None else []
    return " ".join(said)


def number(value: float | None) -> str:
    """Three digits, as short as they can be read; a dash for nothing."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
