"""Runs the handbook's experiments: each claim of a topic is measured, and judged by a rule that was fixed before it ran.

A topic is a folder of `handbook/`; its `experiments.py` holds `Claim` classes. A claim's name is its class name with dashes, its knobs are
its dataclass fields. What was measured is kept under `.unstuck/lab` by content (source, knobs, seeds, versions), so a page that is read
twice does not train twice; the verdict is always judged anew.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import tempfile
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from unstuck.errors import PluginError, UsageError
from unstuck.language import _
from unstuck.plugins import Experiment
from unstuck.records import Text, Trace

if TYPE_CHECKING:
    import matplotlib.figure

    from unstuck.training import Training

Verdict = Literal["holds", "fails as stated", "depends"]
Knob = bool | int | float | str
Measured = dict[str, np.ndarray]

VERDICTS: tuple[Verdict, ...] = ("holds", "fails as stated", "depends")
#: Repeats in quick mode, where a claim has more.
QUICK_SEEDS = 2
CACHE = Path(".unstuck") / "lab"
_SOURCE = Path(__file__).parent


@dataclass(frozen=True)
class Claim(Experiment):
    """One claim of the handbook, executed.

    ## The set-up
    What is built and what is measured.
    ## Why
    What the numbers mean.
    """

    #: Rows of the coverage list that it settles, e.g. "S0-03".
    rows: ClassVar[tuple[str, ...]] = ()
    #: The experiment of the coverage list that it rebuilds, e.g. "X01".
    experiment: ClassVar[str] = ""
    #: The claim as it is commonly stated.
    statement: ClassVar[Text]
    #: The pass rule in words, fixed in advance, with its number.
    rule: ClassVar[Text]
    #: "depends on ...", where the verdict may be "depends".
    depends: ClassVar[Text | None] = None
    #: Repeats; 1 where nothing is random.
    seeds: ClassVar[int] = 5
    #: Knobs of the smoke version.
    quick: ClassVar[dict[str, Knob]] = {}

    @abstractmethod
    def measure(self, seed: int) -> dict[str, float]:
        """One repeat: numbers by name; a curve may be a 1-D array."""

    @abstractmethod
    def judge(self, measured: Measured) -> Verdict:
        """The rule as code; each array is [seeds], a curve's [seeds, points]."""

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """All repeats; override it where they can run in one vectorised program."""
        repeats = []
        for seed in seeds:
            with _own_randomness(seed):
                repeats.append(self.measure(seed))
        return {name: np.array([r[name] for r in repeats], dtype=float) for name in repeats[0]}

    def plot(self, figure: matplotlib.figure.Figure, measured: Measured, lang: str) -> None:
        """Draw what there is to see; claims that override it are drawn by `--plot`."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """The class name with dashes."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", type(self).__name__).lower()

    @property
    def topic(self) -> str:
        """The folder it lives in, with dashes."""
        return ("." + type(self).__module__).split(".")[-2].replace("_", "-")

    @property
    def draws(self) -> bool:
        """Has something to see."""
        return type(self).plot is not Claim.plot

    @property
    def knobs(self) -> dict[str, Knob]:
        """Its knobs as they are set."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def summary(self, lang: str = "en") -> str:
        """The claim."""
        return self.statement.in_language(lang)


@dataclass(frozen=True)
class Result:
    """A claim after it ran."""

    claim: Claim
    measured: Measured
    verdict: Verdict | None
    seeds: int
    #: Seconds that measuring took (when it was measured, for a cached one).
    seconds: float
    cached: bool = False
    #: What went wrong, where there is no verdict.
    error: str = ""

    def row(self) -> dict[str, Any]:
        """In builtins, for JSON."""
        claim = self.claim
        return {
            "topic": claim.topic,
            "claim": claim.id,
            "rows": list(claim.rows),
            "experiment": claim.experiment or None,
            "statement": {"en": claim.statement.en, "zh": claim.statement.zh},
            "measured": {name: spread(values) for name, values in self.measured.items()},
            "rule": {"en": claim.rule.en, "zh": claim.rule.zh},
            "verdict": self.verdict,
            "depends": {"en": claim.depends.en, "zh": claim.depends.zh} if claim.depends and self.verdict == "depends" else None,
            "seeds": self.seeds,
            "knobs": claim.knobs,
            "seconds": round(self.seconds, 3),
            **({"error": self.error} if self.error else {}),
        }


def spread(values: np.ndarray) -> dict[str, Any]:
    """Median, range, and the 95 % interval of the mean (Student's t) of one number over the seeds; a curve's median only."""
    if values.ndim > 1:
        return {"median": [_plain(v) for v in np.median(values, axis=0).ravel()]}
    said: dict[str, Any] = {"median": _plain(np.median(values)), "min": _plain(values.min()), "max": _plain(values.max())}
    if len(values) > 1 and np.isfinite(values).all():
        from scipy.stats import t

        half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
        said |= {"mean": _plain(values.mean()), "interval": [_plain(values.mean() - half), _plain(values.mean() + half)]}
    return said | {"values": [_plain(v) for v in values]}


def _plain(value: float) -> float | str:
    """JSON has no inf and no nan."""
    return float(f"{value:.6g}") if np.isfinite(value) else str(float(value))


# ------------------------------------------------------------------------------------------- what experiments use


def observed(build: Callable[[int], Training], seed: int, steps: int) -> Trace:
    """The trace of a training: build it, run `steps` steps of its `fit` under the recorder, every step sampled."""
    from unstuck.attach.watching import watch

    with tempfile.TemporaryDirectory(prefix="unstuck-lab-") as folder:
        training = build(seed)
        with watch(training.models, training.optimizers, trace=Path(folder) / "lab.trace", budget=None) as run:
            training.fit(steps)
        return run.trace


def findings(trace: Trace) -> tuple[str, ...]:
    """Root causes that the rules find (warnings and errors; notes and previews are no alarms), the likeliest first."""
    from unstuck.diagnosis import diagnose

    return tuple(dict.fromkeys(f.root_cause for f in diagnose(trace).alarms))


def treated(build: Callable[[int], Training], *remedies: str) -> Callable[[int], Training]:
    """The same training with remedies of the product applied, by id: `treated(build, "relu", "he-init")`."""

    def built(seed: int) -> Training:
        from unstuck import plugins
        from unstuck.attach.injection import treat
        from unstuck.training import Training

        chosen: list[Any] = [plugins.get("remedies", name) for name in remedies]
        before = Training([], seed=seed)  # what catches loaders and optimizers as they are built stands there first
        for remedy in chosen:
            if remedy.moment == "start":
                remedy.apply(before)
        training = build(seed)
        training.memory |= before.memory
        training.on_undo(before.undo)
        treat(training, [remedy for remedy in chosen if remedy.moment != "start"])
        return training

    return built


@contextmanager
def _own_randomness(seed: int) -> Iterator[None]:
    """A claim that forgets to seed is repeatable too, and leaves the streams of its caller alone."""
    import torch

    state = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(state)


# ---------------------------------------------------------------------------------------------------------- running


def run(
    claims: Sequence[type[Claim]],
    *,
    seeds: int | None = None,
    knobs: Mapping[str, str] | None = None,
    quick: bool = False,
    keep: bool = True,
    tick: Callable[[Claim, Result | None], None] = lambda claim, result: None,
) -> list[Result]:
    """Measure and judge each claim, in order.

    `seeds` repeats instead of the claims' own; `knobs` as text, each for the claims that have it (UsageError where none has); `keep`
    reuses and stores measurements; `tick` is called before a claim (None) and after it (its Result).
    """
    settings = dict(knobs or {})
    known = sorted({f.name for kind in claims for f in fields(kind)})
    for name in settings:
        if name not in known:
            names = ", ".join(known) or "-"
            raise UsageError(_("No claim here has a knob {name!r}. Knobs: {names}.").format(name=name, names=names))
    results = []
    with _one_thread():
        for kind in claims:
            claim = _built(kind, settings, quick)
            tick(claim, None)
            count = 1 if kind.seeds == 1 else seeds or (min(kind.seeds, QUICK_SEEDS) if quick else kind.seeds)
            results.append(_run_one(claim, count, keep))
            tick(claim, results[-1])
    return results


def _built(kind: type[Claim], settings: Mapping[str, str], quick: bool) -> Claim:
    defaults = {f.name: f.default for f in fields(kind)}
    given = {name: _read(name, settings[name], defaults[name]) for name in settings if name in defaults}
    return kind(**{**(kind.quick if quick else {}), **given})


def _read(name: str, text: str, default: Any) -> Knob:
    """A knob's value in the type of its default."""
    if isinstance(default, bool):
        if text.lower() not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
            raise UsageError(_("The knob {name} takes true or false, got {value!r}.").format(name=name, value=text))
        return text.lower() in ("true", "1", "yes", "on")
    if isinstance(default, str):
        return text
    try:
        return type(default)(text)  # type: ignore[no-any-return]
    except ValueError:
        said = _("The knob {name} takes a number such as {example}, got {value!r}.")
        raise UsageError(said.format(name=name, example=default, value=text)) from None


def _run_one(claim: Claim, seeds: int, keep: bool) -> Result:
    path = CACHE / f"{_key(claim, seeds)}.json"
    kept = _load(path) if keep else None
    if kept is not None:
        measured, seconds = kept
    else:
        started = perf_counter()
        try:
            measured = {name: np.asarray(v, dtype=float) for name, v in claim.measure_all(range(seeds)).items()}
        except Exception as error:  # one claim's fault is not another's
            return Result(claim, {}, None, seeds, perf_counter() - started, error=f"{type(error).__name__}: {error}")
        seconds = perf_counter() - started
        if keep:
            _store(path, measured, seconds)
    try:
        verdict = claim.judge(measured)
        if verdict not in VERDICTS:
            raise PluginError(f"judge returned {verdict!r}")
    except Exception as error:
        return Result(claim, measured, None, seeds, seconds, error=f"{type(error).__name__}: {error}")
    return Result(claim, measured, verdict, seeds, seconds, cached=kept is not None)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The nets are small: threads cost more than they bring, and sums keep their order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


# ------------------------------------------------------------------------------------------------ what was measured


def _key(claim: Claim, seeds: int) -> str:
    """Everything that the numbers depend on."""
    import torch

    file = Path(inspect.getfile(type(claim)))
    source = file.read_bytes()
    parts = [claim.topic, claim.id, json.dumps(claim.knobs, sort_keys=True), seeds, torch.__version__, np.__version__]
    digest = hashlib.sha256(repr(parts).encode())
    others = {_SOURCE / "handbook" / name.decode() for name in re.findall(rb"unstuck\.handbook\.(\w+)", source)}
    for helper in sorted(path for folder in {file.parent, *others} for path in folder.glob("*.py")):
        digest.update(helper.read_bytes())
    if re.search(
        rb"unstuck\.(?!lab\b|records\b|handbook\b)|from unstuck import|\bobserved\b|\btreated\b", source
    ):  # it runs the product itself
        digest.update(_product())
    return digest.hexdigest()[:24]


@cache
def _product() -> bytes:
    digest = hashlib.sha256()
    for path in sorted(p for p in _SOURCE.rglob("*.py") if "handbook" not in p.parts):
        digest.update(path.read_bytes())
    return digest.digest()


def _load(path: Path) -> tuple[Measured, float] | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {name: np.array(values, dtype=float) for name, values in kept["measured"].items()}, float(kept["seconds"])
    except (OSError, ValueError, KeyError):
        return None


def _store(path: Path, measured: Measured, seconds: float) -> None:
    """Whole or not at all; a folder that cannot be written costs only the time of measuring again."""
    text = json.dumps({"measured": {name: values.tolist() for name, values in measured.items()}, "seconds": seconds})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError:
        pass
