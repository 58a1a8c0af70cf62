"""All that flows through unstuck, as frozen records: Place, Signal, Facts, Trace, Finding, Trial, Verdict, Report.

numpy and builtins only; nothing here imports torch or anything else of ours. Facts and reports travel as JSON
(`msgspec` converts them both ways), signals as float32 columns (`frames.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import Literal

import numpy as np

Severity = Literal["error", "warning", "note"]
Outcome = Literal["helps", "harms", "no-difference", "unclear"]
Exit = Literal["finished", "failed", "stopped", "running"]
Role = Literal["hidden", "output", "gate", "norm", "other"]
#: What a check says of the training: as it should be, not so, neither, or could not be asked.
CheckOutcome = Literal["passed", "failed", "unclear", "not-possible"]

REPORT_VERSION = 1

#: The names by which a diagnosis is scored. A rule maps to exactly one of them.
ROOT_CAUSES: tuple[str, ...] = (
    "vanishing-gradient",
    "exploding-gradient",
    "dead-units",
    "saturated-activation",
    "blocked-gradient",
    "missing-zero-grad",
    "non-finite",
    "bad-init-scale",
    "symmetric-init",
    "loss-output-mismatch",
    "label-noise",
    "lr-too-high",
    "lr-too-low",
    "batch-too-small",
    "batch-too-large",
    "momentum-too-high",
    "schedule-misuse",
    "over-regularised",
    "clipping-too-tight",
    "inputs-not-normalised",
    "targets-not-normalised",
    "not-shuffled",
    "class-imbalance",
    "split-mismatch",
    "leakage",
    "bad-input-values",
    "eval-mode-missing",
    "train-mode-missing",
    "batchnorm-misuse",
    "overfitting",
    "underfitting",
    "missing-nonlinearity",
    "degradation",
    "long-range-dependency",
)


class Displayed:
    """Something that a notebook draws."""

    def _repr_html_(self) -> str:
        html: str = import_module("unstuck.notebook").html(self)  # by name: records import nothing of ours
        return html


@dataclass(frozen=True)
class Text:
    """One sentence in both languages. `Text(en="{n} units", zh="{n} 个单元").format(n=3)` fills both."""

    en: str
    zh: str

    def format(self, **values: object) -> Text:
        """Fill the same values into both sentences."""
        return Text(self.en.format(**values), self.zh.format(**values))

    def in_language(self, lang: str) -> str:
        """The sentence in `lang` ("en" or "zh")."""
        return self.zh if lang == "zh" else self.en


# ------------------------------------------------------------------------------------------------ what was seen


@dataclass(frozen=True, kw_only=True)
class Place:
    """Somewhere a signal can be measured: a module, a functional call, a parameter, the door of the model."""

    #: Dotted name ("net.3", "net.3.weight"), "relu@train.py:31" for a function, "input", "target", "output", "loss", "run".
    name: str
    #: Class of the module ("Linear", "Sigmoid"), "functional relu", "weight", "bias", "parameter", "input", "feature", ...
    kind: str
    #: Position along the real data flow, 0 = nearest to the input; parameters have the order of their layer; -1 = no position.
    order: int = -1
    #: The user's file (relative to the working directory where possible) and line that made it; None = not known.
    file: str | None = None
    line: int | None = None
    #: For modules and functions: hidden, output (no weights between it and the loss), gate (it multiplies another signal), norm.
    role: Role = "other"
    #: For functions: the how-manieth activation call of one forward pass it is, from 0.
    call: int | None = None
    #: Shape of a parameter, or of one output of the module (first dimension = batch).
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One scalar quantity at one place over the sampled steps."""

    #: `subject.quantity`, e.g. "gradient.norm".
    name: str
    place: Place
    #: "" for a pure number, else "loss", "s", "1/step", ...
    unit: str
    #: [T] optimizer steps at which it was measured, ascending, first step = 0.
    steps: np.ndarray
    #: [T] float32.
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    @property
    def last(self) -> float:
        """The newest value."""
        return float(self.values[-1])

    def finite(self) -> np.ndarray:
        """The finite values only, [<= T]."""
        good: np.ndarray = self.values[np.isfinite(self.values)]
        return good

    def median(self, last: int | None = None) -> float:
        """Median of the finite values (of the newest `last` ones); nan where there is none."""
        values = self.finite()
        values = values if last is None else values[-last:]
        return float(np.median(values)) if len(values) else float("nan")


@dataclass(frozen=True, kw_only=True)
class ParameterFacts:
    """One parameter: which layer it belongs to, and who trains it."""

    name: str
    shape: tuple[int, ...]
    #: Name of the module that holds it.
    module: str
    requires_grad: bool
    #: Index into `Facts.optimizers`; None = given to no optimizer.
    optimizer: int | None
    #: Gradient was None at every sampled step.
    grad_missing: bool = False
    #: Is any element at the end other than before the first step; None = not known (a run that was cut off, a parameter that came later).
    changed: bool | None = None


@dataclass(frozen=True, kw_only=True)
class OptimizerFacts:
    """An optimizer as it was built."""

    kind: str
    #: Settings of the first parameter group that are plain numbers or booleans (lr, momentum, weight_decay, ...).
    settings: Mapping[str, float | bool | None]
    groups: int = 1
    file: str | None = None
    line: int | None = None
    #: There is none: the script takes its steps itself, and the settings are those that explain them. `kind` is then always "SGD".
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class LossFacts:
    """The loss that was differentiated."""

    #: cross-entropy, nll, mse, l1, smooth-l1, bce, bce-with-logits, kl-div, ... or "unknown".
    kind: str
    #: Names of the autograd nodes from the loss down to the first one that owns a parameter.
    signature: tuple[str, ...] = ()
    reduction: str = "mean"
    #: Shapes of what the loss was given, as given (before broadcasting).
    input_shape: tuple[int, ...] = ()
    target_shape: tuple[int, ...] = ()
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class TargetFacts:
    """What the loss compares with, from the first sampled batches."""

    #: classes (integers), one-hot, binary (0/1 floats), probabilities, real, or "unknown".
    kind: str
    #: Number of classes; 0 where there are none.
    classes: int = 0
    minimum: float | None = None
    maximum: float | None = None
    dtype: str = ""


@dataclass(frozen=True, kw_only=True)
class Blind:
    """Something that could not be seen, and why."""

    what: str
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What does not change during a run."""

    script: str = ""
    #: What the script was given on the command line.
    arguments: tuple[str, ...] = ()
    exit: Exit = "running"
    #: Optimizer steps seen (of the busiest optimizer).
    steps: int = 0
    sampled: int = 0
    #: Measured share of the time that watching took, 0..1.
    overhead: float = 0.0
    #: Wall-clock seconds from the start of the script to its end.
    seconds: float = 0.0
    #: Places in data-flow order, then the places at the door.
    places: tuple[Place, ...] = ()
    parameters: tuple[ParameterFacts, ...] = ()
    optimizers: tuple[OptimizerFacts, ...] = ()
    schedulers: tuple[str, ...] = ()
    loss: LossFacts | None = None
    target: TargetFacts | None = None
    #: Samples in one training batch; 0 = not known.
    batch_size: int = 0
    #: Optimizer steps per pass over the training loader; 0 = not known.
    epoch_steps: int = 0
    #: "training", "validation".
    phases: tuple[str, ...] = ()
    #: The models' class names.
    models: tuple[str, ...] = ()
    device: str = "cpu"
    dtype: str = "float32"
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    #: Exact observations by name, each made by one probe ("zero_grad.called": True); never a measurement over time.
    notes: Mapping[str, bool | int | float | str | list[object] | None] = field(default_factory=dict)
    blind: tuple[Blind, ...] = ()
    #: Probes that failed and were switched off: name -> error.
    disarmed: Mapping[str, str] = field(default_factory=dict)
    #: Top-level packages that the script imported (an arm imports them before it is forked).
    imports: tuple[str, ...] = ()
    #: The last line of the script's own traceback, where it failed.
    error: str | None = None
    #: The rule whose certain finding ended the run (--stop-early); "" = none did.
    stopped_by: str = ""


@dataclass(frozen=True)
class Trace:
    """All that was seen of one run; the only thing that a rule may read."""

    facts: Facts
    signals: tuple[Signal, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, dict[str, Signal]]:
        table: dict[str, dict[str, Signal]] = {}
        for signal in sorted(self.signals, key=lambda s: s.place.order):
            table.setdefault(signal.name, {})[signal.place.name] = signal
        return table

    def until(self, step: int) -> Trace:
        """What had been measured when the run stood at that step; what was noted once for the whole run stays as it is."""
        seen = [(s, s.steps <= step) for s in self.signals]
        kept = tuple(replace(s, steps=s.steps[early], values=s.values[early]) for s, early in seen if early.any())
        return Trace(facts=replace(self.facts, steps=min(step, self.facts.steps), exit="running"), signals=kept)

    def names(self) -> frozenset[str]:
        """Names of all signals with at least one value."""
        return frozenset(self._by_name)

    def each(self, name: str) -> Iterator[Signal]:
        """Every signal of that name, in data-flow order."""
        yield from self._by_name.get(name, {}).values()

    def signal(self, name: str, place: str = "run") -> Signal | None:
        """One signal, or None where it was not measured."""
        return self._by_name.get(name, {}).get(place)

    def place(self, name: str) -> Place | None:
        """The place of that name."""
        return next((p for p in self.facts.places if p.name == name), None)

    def note(self, name: str, default: object = None) -> object:
        """An exact observation (see `Facts.notes`)."""
        return self.facts.notes.get(name, default)


# ---------------------------------------------------------------------------------------------- what was concluded


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One number behind a finding."""

    signal: str
    place: str
    step: int
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Finding(Displayed):
    """One problem, with the numbers that show it."""

    rule: str
    root_cause: str
    message: Text
    places: tuple[Place, ...] = ()
    severity: Severity = "warning"
    #: 0..1; how sure the rule is that this root cause is present.
    confidence: float = 0.5
    evidence: tuple[Evidence, ...] = ()
    #: Step at which the evidence was first complete.
    first_step: int = 0
    #: Filled by `diagnosis.py`: ids of the remedies that treat this root cause, best first.
    remedies: tuple[str, ...] = ()
    #: Root causes of other findings of this run that are consequences of this one.
    explains: tuple[str, ...] = ()
    #: Page of the handbook.
    topic: str = ""
    #: A rule that is not yet measured (or alarms too often): shown, never counted.
    preview: bool = False
    #: An exact observation of a fault that no further step can take back: --stop-early ends the run on it.
    certain: bool = False
    #: What the check-up says for or against it.
    checkup: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A rule that could not look, and why. Skipped is not clean."""

    rule: str
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """What a trial is judged by; fixed before it runs."""

    #: "validation accuracy", "training R2", "printed final_metric", ...
    name: str
    higher_is_better: bool = True
    #: Differences smaller than this are of no practical interest (in the yardstick's own unit).
    margin: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Curves:
    """The yardstick over the optimizer steps, in the pairs of a trial in which both arms showed it; only for drawing."""

    #: Last step (from 0) before a value was taken; few enough to draw.
    steps: tuple[int, ...]
    #: [pairs, steps]; None = not finite, or not seen any more.
    control: tuple[tuple[float | None, ...], ...]
    treated: tuple[tuple[float | None, ...], ...]
    #: At most so many values that follow each other were averaged into one point (values of single batches only).
    averaged: int = 1


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Pairs of arms, with and without some remedies: same seeds, same data order, one change."""

    remedies: tuple[str, ...]
    seeds: tuple[int, ...]
    #: Optimizer steps of every arm.
    steps: int
    yardstick: Yardstick
    #: [pairs] yardstick of the untouched arms, then of the treated ones; None = the arm gave no number.
    control: tuple[float | None, ...]
    treated: tuple[float | None, ...]
    root_cause: str = ""
    #: The finding's rule no longer fires in the treated arms; None = not looked.
    symptom_gone: bool | None = None
    #: After the last step the change was still there; None = the remedy cannot tell.
    in_force: bool | None = None
    #: What went wrong in arms that gave no number.
    failures: tuple[str, ...] = ()
    #: Indices of the pairs whose untouched (treated) arm gave no number because its training diverged: a result, not a gap.
    diverged_control: tuple[int, ...] = ()
    diverged_treated: tuple[int, ...] = ()
    #: None = the yardstick was seen too rarely for a curve. Not part of the JSON report.
    curves: Curves | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict(Displayed):
    """What a trial proves."""

    trial: Trial
    outcome: Outcome
    #: Mean of treated minus control over the pairs, in the yardstick's unit, positive = better.
    effect: float | None
    #: Confidence interval of the effect at `level`, all remedies tried counted.
    interval: tuple[float, float] | None
    level: float = 0.95
    pairs: int = 0
    #: Why the outcome is what it is, where numbers alone do not say.
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What one check of the check-up showed."""

    #: Id of the check.
    check: str
    outcome: CheckOutcome
    #: In plain words.
    reading: Text
    #: The numbers behind it, by name; None = not finite.
    numbers: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """Short arms of the script, each with one question; made beside the run that was watched, never in it."""

    checks: tuple[Checked, ...] = ()
    #: Optimizer steps of an arm.
    steps: int = 0
    #: What it cost, in arms and seconds of one core.
    arms: int = 0
    seconds: float = 0.0
    #: Root causes that it speaks for, and against, each with the reason.
    confirmed: Mapping[str, Text] = field(default_factory=dict)
    ruled_out: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the trials cost, in seconds of one core."""

    full_run_s: float = 0.0
    trials_s: float = 0.0
    arms: int = 0


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A proven remedy as a change of the user's own source."""

    remedies: tuple[str, ...] = ()
    #: Unified diff; "" = there is none that earned its place.
    diff: str = ""
    #: Of the pairs in which the patched script ran for itself, with nothing injected.
    verdict: Verdict | None = None
    #: Why there is no diff, or why it was not written.
    reason: Text | None = None
    #: Files that it was written into.
    written: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report(Displayed):
    """What the user gets; a renderer reads nothing else."""

    facts: Facts
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    #: Ids of the rules that looked and found nothing.
    clean: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    #: Remedies of the best proven verdict; empty = nothing that was tried helps, or nothing was tried.
    best: tuple[str, ...] = ()
    cost: Cost | None = None
    #: Where one was made.
    checkup: Checkup | None = None
    #: Where one was asked for.
    patch: Patch | None = None
    #: Why no remedy was tried, or why the treatment ended early.
    treatment_note: Text | None = None
    #: What the project's configuration set aside, and entries of it that set nothing aside.
    notices: tuple[Text, ...] = ()
    #: Number of signals and of places in the trace (the header of the text report).
    signals: int = 0
    measured_places: int = 0

    def with_verdicts(self, verdicts: tuple[Verdict, ...], best: tuple[str, ...], cost: Cost) -> Report:
        """The same report after a treatment."""
        return replace(self, verdicts=verdicts, best=best, cost=cost)

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """Findings that make the exit code 1."""
        return tuple(f for f in self.findings if f.severity != "note" and not f.preview)
