"""Two traces side by side: where and when they part.

Two runs of one script with one seed are the same to the last bit until something differs. The first step at which a number is another one,
and the first place in data-flow order at that step, point to what that was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from unstuck import captions, wording
from unstuck.errors import UsageError
from unstuck.language import _
from unstuck.records import Facts, Signal, Trace

#: Relative difference up to which two numbers are the same: float32 on another machine adds in another order. Our choice.
TOLERANCE = 1e-5
#: Signals of the table.
SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Parting:
    """Where one signal of two runs becomes another."""

    signal: str
    place: str
    order: int
    step: int
    values: tuple[float, float]
    #: Largest relative difference over all common steps; inf where only one of the two is finite.
    largest: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs side by side."""

    names: tuple[str, str]
    #: What differs before the first step: name, value there, value here.
    facts: tuple[tuple[str, str, str], ...]
    #: First in time, then in data-flow order.
    partings: tuple[Parting, ...]
    #: Signals measured at common steps in both; steps measured in both.
    signals: int
    steps: int
    #: Signals that only one of them has.
    only: tuple[tuple[str, ...], tuple[str, ...]]


def compare(a: Trace, b: Trace, *, names: tuple[str, str] = ("A", "B"), tolerance: float = TOLERANCE) -> Comparison:
    """Compare everything that both measured at the same steps; times are left out."""
    ours, theirs = ({(s.name, s.place.name): s for s in t.signals if s.unit not in ("s", "1/s")} for t in (a, b))
    partings, steps, common = [], set(), 0
    for key in ours.keys() & theirs.keys():
        seen, found = _part(ours[key], theirs[key], tolerance)
        steps |= seen
        common += bool(seen)
        partings += [found] if found else []
    partings.sort(key=lambda p: (p.step, _rank(p.signal), p.order if p.order >= 0 else math.inf, p.signal, p.place))
    return Comparison(
        names=names,
        facts=tuple(_facts(a.facts, b.facts)),
        partings=tuple(partings),
        signals=common,
        steps=len(steps),
        only=(tuple(sorted(a.names() - b.names())), tuple(sorted(b.names() - a.names()))),
    )


def _part(a: Signal, b: Signal, tolerance: float) -> tuple[set[int], Parting | None]:
    """Their common steps, and where they part."""
    steps, left, right = np.intersect1d(a.steps, b.steps, return_indices=True)
    x, y = a.values[left].astype(float), b.values[right].astype(float)
    with np.errstate(all="ignore"):
        apart = np.abs(x - y) / np.maximum(np.maximum(np.abs(x), np.abs(y)), 1e-30)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    apart = np.where(same, 0.0, np.where(np.isfinite(x) & np.isfinite(y), apart, np.inf))
    beyond = np.flatnonzero(apart > tolerance)
    if not len(beyond):
        return set(steps.tolist()), None
    at = int(beyond[0])
    parting = Parting(
        signal=a.name,
        place=a.place.name,
        order=a.place.order,
        step=int(steps[at]),
        values=(float(x[at]), float(y[at])),
        largest=float(apart.max()),
    )
    return set(steps.tolist()), parting


def _rank(signal: str) -> int:
    """What comes first within one step: data, forward, loss, backward, update."""
    order = ("input", "target", "activation", "output", "loss", "training", "gradient", "parameter", "update", "lr")
    subject = signal.partition(".")[0]
    return order.index(subject) if subject in order else len(order)


def _facts(a: Facts, b: Facts) -> list[tuple[str, str, str]]:
    def told(facts: Facts) -> dict[str, str]:
        optimizer = facts.optimizers[0] if facts.optimizers else None
        settings = {f"optimizer.{name}": str(value) for name, value in optimizer.settings.items()} if optimizer else {}
        return {
            "script": facts.script,
            "exit": facts.exit,
            "steps": str(facts.steps),
            "seed": str(facts.seed),
            "batch size": str(facts.batch_size),
            "device": facts.device,
            "dtype": facts.dtype,
            "loss": facts.loss.kind if facts.loss else "",
            "optimizer": optimizer.kind if optimizer else "",
            **settings,
            **{p.name: f"{p.kind} {'x'.join(map(str, p.shape))}".strip() for p in facts.places},
            **{f"version of {name}": version for name, version in facts.versions.items()},
        }

    ours, theirs = told(a), told(b)
    return [(n, ours.get(n, ""), theirs.get(n, "")) for n in dict.fromkeys((*ours, *theirs)) if ours.get(n, "") != theirs.get(n, "")]


# ------------------------------------------------------------------------------------------------------------- telling


def text(found: Comparison, *, width: int = 100) -> str:
    """The comparison for people, in the chosen language."""
    a, b = found.names
    lines = wording.wrap(_("{a} and {b}: {signals} signals compared at {steps} common steps.").format(
        a=a, b=b, signals=found.signals, steps=found.steps), width)  # fmt: skip
    if not found.signals:
        lines += wording.wrap(_("They have no signal at a common step, so nothing can be said."), width)
    elif found.partings:
        first = found.partings[0]
        said = _("They part at step {step}, first at {place}: {signal} is {x} in {a} and {y} in {b}.").format(
            step=first.step, place=first.place, signal=captions.signal(first.signal), x=_exact(first.values[0]), y=_exact(first.values[1]), a=a, b=b
        )  # fmt: skip
        lines += ["", *wording.wrap(said, width)]
    else:
        lines += ["", *wording.wrap(_("They are the same at every common step."), width)]
    if found.facts:
        lines += ["", _("Different from the start:"), *_columns([(n, _cut(x), _cut(y)) for n, x, y in found.facts[:SHOWN]])]
        lines += ["  …"] if len(found.facts) > SHOWN else []
    if len(found.partings) > 1:
        head = (_("step"), _("place"), _("signal"), a, b)
        rows = [(str(p.step), p.place, p.signal, _exact(p.values[0]), _exact(p.values[1])) for p in _spread(found.partings)]
        lines += ["", _("Where they part, in order:"), *_columns([head, *rows])]
    for name, only in zip(found.names, found.only, strict=True):
        if only:
            lines += ["", *wording.wrap(_("Only in {name}: {signals}.").format(name=name, signals=", ".join(only)), width)]
    return "\n".join(lines) + "\n"


def plain(found: Comparison) -> dict[str, Any]:
    """The comparison in builtins."""
    partings = [
        {
            "signal": p.signal,
            "place": p.place,
            "step": p.step,
            "values": [v if math.isfinite(v) else None for v in p.values],
            "largest": p.largest if math.isfinite(p.largest) else None,
        }
        for p in found.partings
    ]
    return {
        "version": 1,
        "names": list(found.names),
        "signals": found.signals,
        "steps": found.steps,
        "facts": [{"name": name, "a": x, "b": y} for name, x, y in found.facts],
        "first": partings[0] if partings else None,
        "partings": partings,
        "only": [list(names) for names in found.only],
    }


def names_of(a: Path, b: Path) -> tuple[str, str]:
    """How two files are called: by their stems where those differ."""
    if a.resolve() == b.resolve():
        raise UsageError(_("Expected two traces, got {path} twice.").format(path=a))
    return (a.stem, b.stem) if a.stem != b.stem else (str(a), str(b))


def _spread(partings: Sequence[Parting]) -> list[Parting]:
    """The first parting of each signal."""
    first: dict[str, Parting] = {}
    for parting in partings:
        first.setdefault(parting.signal, parting)
    return list(first.values())[:SHOWN]


def _exact(value: float) -> str:
    return f"{value:.7g}"


def _cut(value: str) -> str:
    return (value or "–") if len(value) <= 40 else value[:37] + "…"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.cells import cell_len

    sizes = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    padded = ["  " + "  ".join(cell + " " * (size - cell_len(cell)) for cell, size in zip(row, sizes, strict=True)) for row in rows]
    return [line.rstrip() for line in padded]
