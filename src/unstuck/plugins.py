"""Probe, Rule, Remedy, Experiment: a folder is a registry, a file is a plug-in, its docstring is its page.

The file name is the id: `rules/dead_units.py` holds one class and is known as `dead-units` everywhere. The class docstring is the English
page (first line = the sentence shown in lists), the class attribute `zh` the Chinese one with the same headings. Nothing is registered:
the file exists, hence the plug-in exists. Listing plug-ins never imports torch; those that need it import it inside their functions.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeVar

from unstuck.errors import PluginError, unknown
from unstuck.records import Checked, CheckOutcome, Evidence, Facts, Finding, Place, Severity, Signal, Text, Trace

if TYPE_CHECKING:
    import numpy as np
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Sample, Training

#: Headings that the page of a plug-in must have, in this order; English, then Chinese.
HEADINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "probes": (("What it measures", "What it costs"), ("测量什么", "开销")),
    "rules": (
        ("What it sees", "Why it matters", "When it is wrong", "References"),
        ("看到什么", "为什么重要", "何时会错", "参考文献"),
    ),
    "remedies": (("What it changes", "When it helps", "What it can cost"), ("改变什么", "何时有效", "代价")),
    "checks": (("What it asks", "What the answer means", "When it is wrong"), ("问什么", "回答的含义", "何时会错")),
}


class Plugin(ABC):
    """What all four kinds share: an id, and a page in two languages."""

    #: The Chinese page.
    zh: ClassVar[str]

    @property
    def id(self) -> str:
        """The file name with dashes."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    def page(self, lang: str = "en") -> str:
        """The page as Markdown."""
        return inspect.cleandoc(self.zh if lang == "zh" else type(self).__doc__ or "")

    def summary(self, lang: str = "en") -> str:
        """The first sentence of the page."""
        return self.page(lang).partition("\n")[0]

    def headings(self, lang: str = "en") -> tuple[str, ...]:
        """The page's second-level headings in order."""
        return tuple(re.findall(r"^## (.+)$", self.page(lang), flags=re.MULTILINE))


class CannotLook(Exception):
    """Raised inside `Rule.check`: what the rule needs was not seen. Skipped is not clean."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reason = Text(en, zh)


class Probe(Plugin):
    """Turns what one sampled step showed (a `Sample`) into numbers."""

    #: Signals it emits: name -> unit.
    emits: ClassVar[dict[str, str]]
    #: Signals kept for people and charts only; a contract test wants every other one to be read by some rule.
    context: ClassVar[frozenset[str]] = frozenset()
    #: After the dense start it is asked at every so many-th sampled step only: what changes slowly costs accordingly.
    every: ClassVar[int] = 1

    @abstractmethod
    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor | np.ndarray | Sequence[float]]]:
        """Yield (signal name, places [P], values [P]); tensors stay on their device, the recorder transfers them all at once."""

    def notes(self) -> dict[str, bool | int | float | str | list[object] | None]:
        """Exact observations to be written into `Facts.notes`, read at every flush."""
        return {}


class Rule(Plugin):
    """Reads a trace, and nothing else, and yields findings."""

    root_cause: ClassVar[str]
    #: Signals without which it cannot look at all.
    needs: ClassVar[tuple[str, ...]] = ()
    #: Root causes whose findings are consequences where both fire.
    explains: ClassVar[tuple[str, ...]] = ()
    #: Page of the handbook; the root cause's where empty.
    topic: ClassVar[str] = ""
    #: Not yet measured on the clinic, or alarming too often there: shown only with --preview, never counted.
    preview: ClassVar[bool] = False
    #: Steps of a run that is still going on, or was broken off, before which it says nothing: what a healthy run shows in its first steps, too.
    patience: ClassVar[int] = 0

    @abstractmethod
    def check(self, trace: Trace) -> Iterator[Finding]:
        """Yield what is wrong; raise `CannotLook` where that cannot be told from this trace."""

    def finding(
        self,
        message: Text,
        *,
        places: Sequence[Place] = (),
        severity: Severity = "warning",
        confidence: float,
        evidence: Sequence[Evidence] = (),
        first_step: int = 0,
        certain: bool = False,
    ) -> Finding:
        """A finding that carries this rule's own ids; only an error can be `certain`."""
        return Finding(
            rule=self.id,
            root_cause=self.root_cause,
            message=message,
            places=tuple(places),
            severity=severity,
            confidence=round(min(max(float(confidence), 0.0), 1.0), 3),
            evidence=tuple(evidence),
            first_step=int(first_step),
            explains=self.explains,
            topic=self.topic or self.root_cause,
            preview=self.preview,
            certain=certain and severity == "error",
        )

    @staticmethod
    def evidence(signal: Signal, index: int = -1) -> Evidence:
        """One value of a signal as evidence."""
        return Evidence(
            signal=signal.name,
            place=signal.place.name,
            step=int(signal.steps[index]),
            value=float(signal.values[index]),
        )


Touches = Literal["model", "weights", "optimizer", "loss", "data", "loop"]
Moment = Literal["start", "build", "ready"]


class Remedy(Plugin):
    """One change to a training, applied in place. A fault (handbook, clinic) has the same shape."""

    #: Root causes against which it is worth trying, best first.
    treats: ClassVar[tuple[str, ...]]
    #: What it changes; a contract test holds it to that.
    touches: ClassVar[Touches]
    #: start: before the script's first line. build: inside the optimizer's constructor, before the original (the model exists,
    #: parameters may still be added). ready: right after the optimizer was built.
    moment: ClassVar[Moment] = "build"
    #: Cannot change the result of a correct run (ruff's "safe fix").
    safe: ClassVar[bool] = False
    #: Nothing of it can be put into a running script: it is tried as a change of the source, where that has what it changes.
    written_only: ClassVar[bool] = False
    #: Remedies that it is worth combining with, because either alone often fails (activation + initialisation).
    joins: ClassVar[tuple[str, ...]] = ()
    #: Order of trying among remedies of the same root cause; small = first (seed-coverage.md part 8).
    order: ClassVar[int] = 50

    def precondition(self, facts: Facts) -> Text | None:
        """Why it cannot be tried on this script, or None."""
        return None

    def pace(self, facts: Facts) -> float:
        """Optimizer steps that it makes of one: arms with smaller batches are compared at equal samples."""
        return 1.0

    @abstractmethod
    def apply(self, training: Training) -> None:
        """Make the change."""

    def in_force(self, training: Training) -> bool | None:
        """After the last step: is the change still there? None = cannot tell."""
        return None

    def edit(self, draft: Draft) -> None:
        """Write the change into the user's source; NoPatch where there is no faithful way."""
        from unstuck.edits.source import NoPatch

        raise NoPatch(f"{self.id} has no form as an edit of the script.", f"{self.id} 没有可写入脚本的形式。")

    @abstractmethod
    def advice(self, facts: Facts) -> Text:
        """The line to write, e.g. `lr=0.1 -> lr=0.01`."""


class Change(Protocol):
    """What an injection puts into a running script: a remedy, or the question of a check."""

    @property
    def id(self) -> str:
        """How it is called where it fails."""

    @property
    def touches(self) -> Touches:
        """What it changes."""

    @property
    def moment(self) -> Moment:
        """When it is put in."""

    def apply(self, training: Training, /) -> None:
        """Put it in."""

    def in_force(self, training: Training, /) -> bool | None:
        """After the last step: was it there?"""


class Feed(Protocol):
    """What a check changes in its arm, once for the whole arm; live (see `attach/feeding.py`)."""

    def add(self, training: Training, /) -> None:
        """An optimizer was built, with these models."""

    def in_force(self, training: Training, /) -> bool:
        """After the last step: was anything changed? Says in `training.failures` why not, by a key of `check_reading.WHY_NOT`."""

    def answers(self) -> Mapping[str, float]:
        """What it measured by itself."""


class Arm(Protocol):
    """What a check sees of an arm."""

    @property
    def trace(self) -> Trace:
        """All that was seen of it."""

    @property
    def answers(self) -> Mapping[str, float]:
        """What its feed measured."""


class Check(Plugin):
    """A question that a training is asked in short arms of its own: what is seen from outside cannot answer it."""

    #: One arm each; "" = one arm without a variant. Empty = it reads an arm of another check.
    variants: ClassVar[tuple[str, ...]] = ("",)
    #: Order in which the checks are shown; where time is short, later ones are left out.
    order: ClassVar[int] = 50

    @abstractmethod
    def feed(self, variant: str, steps: int) -> Feed:
        """What is changed in the arm of that variant, which makes `steps` steps."""

    @abstractmethod
    def read(self, run: Trace, arms: Mapping[str, Arm], steps: int) -> Checked:
        """What the arms say ("learning-rates 10" -> arm), beside the first `steps` steps of the watched run; CannotLook where nothing."""

    def checked(self, outcome: CheckOutcome, en: str, zh: str, **numbers: float | None) -> Checked:
        """An outcome in words that are filled with its numbers."""
        shown = {name: "nan/inf" if value is None else f"{value:.3g}" for name, value in numbers.items()}
        return Checked(check=self.id, outcome=outcome, reading=Text(en, zh).format(**shown), numbers=numbers)


class Experiment(Plugin):
    """A healthy training and one change to it: a claim of the handbook, executed (see `lab.py`)."""


P = TypeVar("P", bound=Plugin)
_KINDS: dict[str, type[Plugin]] = {"probes": Probe, "rules": Rule, "remedies": Remedy, "checks": Check}


@cache
def load(kind: str) -> dict[str, Plugin]:
    """Every plug-in of a folder: id -> instance with its default limits, sorted by id.

    Raises PluginError where a file does not hold exactly one plug-in of its kind.
    """
    package = import_module(f"unstuck.{kind}")
    found: dict[str, Plugin] = {}
    for module_info in pkgutil.iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{module_info.name}")
        classes = [
            value
            for value in vars(module).values()
            if inspect.isclass(value)
            and issubclass(value, _KINDS[kind])
            and value.__module__ == module.__name__
            and not inspect.isabstract(value)
        ]
        if len(classes) != 1:
            names = ", ".join(c.__name__ for c in classes) or "none"
            raise PluginError(f"{module.__file__} must hold exactly one {_KINDS[kind].__name__}; it holds {names}.")
        plugin = classes[0]()
        found[plugin.id] = plugin
    return dict(sorted(found.items()))


def get(kind: str, name: str) -> Plugin:
    """One plug-in by id; UsageError with the nearest names where there is none."""
    plugins = load(kind)
    if name not in plugins:
        raise unknown(kind, name, list(plugins))
    return plugins[name]


def rules() -> dict[str, Rule]:
    """All rules."""
    return load("rules")  # type: ignore[return-value]


def remedies() -> dict[str, Remedy]:
    """All remedies."""
    return load("remedies")  # type: ignore[return-value]


def checks() -> dict[str, Check]:
    """All checks of the check-up, in the order in which they are shown."""
    return dict(sorted(load("checks").items(), key=lambda pair: pair[1].order))  # type: ignore[arg-type, attr-defined]


def remedies_for(root_cause: str) -> tuple[Remedy, ...]:
    """Remedies that treat a root cause, in the order of trying."""
    fitting = [r for r in remedies().values() if root_cause in r.treats]
    return tuple(sorted(fitting, key=lambda r: (r.order, r.treats.index(root_cause), r.id)))


def with_remedies(finding: Finding) -> Finding:
    """The finding with the ids of the remedies that treat it."""
    return replace(finding, remedies=tuple(r.id for r in remedies_for(finding.root_cause)))
