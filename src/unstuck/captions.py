"""What stands on and under charts: names of signals, titles, and a sentence for those who cannot see the picture."""

from __future__ import annotations

import math

from unstuck import wording
from unstuck.charts import Curve, Gain, HeatMap, bands, typical
from unstuck.language import _
from unstuck.records import Verdict


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


def of_trials(verdicts: list[Verdict]) -> str:
    """What stands above the curves of some trials."""
    name = wording.yardstick(verdicts[0].trial.yardstick.name)
    said = [
        _("{yardstick} over the optimizer steps.").format(yardstick=name[:1].upper() + name[1:]),
        _("Line: mean of the pairs, dashed without and solid with the remedy; band: from the lowest to the highest pair."),
        _("Bar on the right: the interval of the effect, counted from the mean without the remedy."),
    ]
    known = [v.trial.curves for v in verdicts if v.trial.curves is not None]
    averaged = max((c.averaged for c in known), default=1)
    if averaged > 1:
        said.append(_("Each point is the mean of up to {n} steps.").format(n=averaged))
    if any(row[-1] is None for c in known for row in (*c.control, *c.treated)):
        said.append(_("A cross: a pair that gave no number from there on; the mean goes on without it."))
    return " ".join(said)


def of_trial(verdict: Verdict) -> str:
    """The curves of one trial in one sentence."""
    curves = verdict.trial.curves
    assert curves is not None
    control, treated = ([band for band in bands(rows) if band is not None] for rows in (curves.control, curves.treated))
    return _(
        "{remedies}: {yardstick} over {steps} steps in {pairs} pairs; mean without {a} at first, {b} at last (pairs {c} to {d}); "
        "mean with {e} at first, {f} at last (pairs {g} to {h})."
    ).format(
        remedies=" + ".join(verdict.trial.remedies), yardstick=wording.yardstick(verdict.trial.yardstick.name), steps=verdict.trial.steps,
        pairs=len(curves.control), a=number(control[0][0]), b=number(control[-1][0]), c=number(control[-1][1]), d=number(control[-1][2]),
        e=number(treated[0][0]), f=number(treated[-1][0]), g=number(treated[-1][1]), h=number(treated[-1][2]),
    )  # fmt: skip


def number(value: float | None) -> str:
    """Three digits, as short as they can be read; a dash for nothing."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
