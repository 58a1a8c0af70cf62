"""Two traces side by side: the first step and place at which they part."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn import trace

from unstuck import comparison
from unstuck.errors import UsageError
from unstuck.records import Trace


def changed(seen: Trace, name: str, place: str, at: int, value: float) -> Trace:
    signals = []
    for signal in seen.signals:
        if (signal.name, signal.place.name) == (name, place):
            values = signal.values.copy()
            values[at] = value
            signal = replace(signal, values=values)
        signals.append(signal)
    return replace(seen, signals=tuple(signals))


def test_a_run_is_the_same_as_itself() -> None:
    found = comparison.compare(trace(), trace())
    assert found.partings == () and found.facts == () and found.signals == len(trace().signals) and found.steps == 120
    assert "the same at every common step" in comparison.text(found)


def test_first_step_then_data_flow() -> None:
    other = changed(trace(), "gradient.norm", "net.2", 5, 3.0)
    other = changed(other, "activation.std", "net.5", 5, 3.0)
    other = changed(other, "activation.std", "net.4", 5, 3.0)
    other = changed(other, "loss.value", "run", 50, 3.0)
    found = comparison.compare(trace(), other, names=("a", "b"))
    assert [(p.step, p.signal, p.place) for p in found.partings] == [
        (15, "activation.std", "net.4"),
        (15, "activation.std", "net.5"),
        (15, "gradient.norm", "net.2"),
        (50, "loss.value", "run"),
    ]
    text = comparison.text(found)
    assert "They part at step 15, first at net.4: standard deviation of the output is" in text.replace("\n", " ")


def test_order_does_not_matter() -> None:
    a, b = trace(), changed(trace(), "loss.value", "run", 7, 1.0)
    there, back = comparison.compare(a, b), comparison.compare(b, a)
    assert [replace(p, values=p.values[::-1]) for p in back.partings] == list(there.partings)


def test_rounding_is_no_difference_and_nan_is_one() -> None:
    loss = trace().signal("loss.value")
    assert loss is not None
    assert comparison.compare(trace(), changed(trace(), "loss.value", "run", 7, float(loss.values[7]) * (1 + 1e-6))).partings == ()
    found = comparison.compare(trace(), changed(trace(), "loss.value", "run", 7, np.nan))
    assert found.partings[0].step == 7 and np.isinf(found.partings[0].largest)
    assert json.loads(json.dumps(comparison.plain(found), allow_nan=False))["first"]["values"][1] is None


def test_settings_places_and_signals_that_differ() -> None:
    a, b = trace(4), trace(3)
    b = replace(b, facts=replace(b.facts, batch_size=64), signals=tuple(s for s in b.signals if s.name != "update.ratio"))
    found = comparison.compare(a, b)
    assert ("batch size", "32", "64") in found.facts and ("net.6", "Linear 32x64", "") in found.facts
    assert found.only == (("update.ratio",), ())
    assert "Only in A: update.ratio." in comparison.text(found)


def test_no_common_step() -> None:
    a = trace()
    b = replace(a, signals=tuple(replace(s, steps=s.steps + 1000) for s in a.signals))
    assert "nothing can be said" in comparison.text(comparison.compare(a, b))


def test_names() -> None:
    assert comparison.names_of(Path("x/a.trace"), Path("y/b.trace")) == ("a", "b")
    assert comparison.names_of(Path("x/a.trace"), Path("y/a.trace")) == ("x/a.trace", "y/a.trace")
    with pytest.raises(UsageError):
        comparison.names_of(Path("a.trace"), Path("./a.trace"))
