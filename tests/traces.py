"""Traces built by hand, for tests of rules: `trace(signals={("loss.value", "run"): [...]}, steps=..., kind=..., ...)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from unstuck.records import Facts, LossFacts, OptimizerFacts, ParameterFacts, Place, Signal, TargetFacts, Trace

__all__ = ["Facts", "LossFacts", "OptimizerFacts", "ParameterFacts", "Place", "TargetFacts", "parameters", "place", "trace"]


def place(name: str, kind: str = "Linear", order: int = -1, role: str = "hidden", shape: tuple[int, ...] = ()) -> Place:
    """A place with the few things that rules read."""
    return Place(name=name, kind=kind, order=order, role=role, shape=shape)  # type: ignore[arg-type]


def parameters(**layers: tuple[tuple[int, ...], bool, int | None, bool]) -> tuple[ParameterFacts, ...]:
    """Weights of layers: name=(shape, requires_grad, optimizer, grad_missing). "__" in a name stands for a dot."""
    return tuple(
        ParameterFacts(
            name=f"{n.replace('__', '.')}.weight", shape=s, module=n.replace("__", "."), requires_grad=g, optimizer=o, grad_missing=m
        )
        for n, (s, g, o, m) in layers.items()
    )


def trace(
    signals: Mapping[tuple[str, str], Sequence[float] | np.ndarray | float],
    *,
    facts: Facts | None = None,
    places: Sequence[Place] = (),
    steps: int = 200,
    at: Sequence[int] | None = None,
    **more: Any,
) -> Trace:
    """A trace of a finished run of `steps` optimizer steps; `more` are fields of `Facts`.

    Signals: (name, place) -> values at steps 0, 1, 2, ... (at `at` where it is given and the lengths agree; what validation measured evenly
    until the last step); one number stands for 20 of them. A place that is not in `places` is made up: weights and biases by the end of the name, anything else with its name as kind.
    """
    known = {p.name: p for p in places}
    made = []
    for (name, where), given in signals.items():
        values = np.full(20, given, np.float32) if isinstance(given, (int, float)) else np.asarray(given, np.float32)
        if at is not None and len(at) == len(values):
            here = np.asarray(at)
        elif name.startswith("validation."):
            here = np.arange(1, len(values) + 1) * steps // len(values) - 1
        else:
            here = np.arange(len(values))
        if where not in known:
            last = where.rpartition(".")[2]
            known[where] = Place(name=where, kind=last if last in ("weight", "bias") else where.partition("[")[0])
        made.append(Signal(name=name, place=known[where], unit="", steps=here, values=values))
    base = facts if facts is not None else Facts(exit="finished")
    return Trace(replace(base, steps=steps, places=(*base.places, *places), **more), tuple(made))
