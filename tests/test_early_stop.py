"""`run --stop-early`: ends a run whose fault is certain, never another one, and never gets in the way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traces import LossFacts, trace

from unstuck import early_stop, plugins, sentences
from unstuck.attach.script import Program, run_script
from unstuck.diagnosis import diagnose
from unstuck.early_stop import Watchman, certain
from unstuck.plugins import Rule
from unstuck.records import Facts, Text, Trace
from unstuck.store import load

SCRIPT = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(256, 8); y = (X[:, 0] * X[:, 1] > 0).long()
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))
FAULT
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(200):
    out = model(X)
    loss = nn.functional.cross_entropy(HEAD, y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
print("weights", sum(p.double().sum().item() for p in model.parameters()))
"""


def run(tmp_path: Path, fault: str = "", head: str = "out", **more: Any) -> Trace:
    (tmp_path / "train.py").write_text(SCRIPT.replace("FAULT", fault).replace("HEAD", head))
    outcome = run_script(Program(path=str(tmp_path / "train.py")), trace=tmp_path / "a.trace", **more)
    assert not outcome.failed
    return load(outcome.trace)


@pytest.mark.parametrize(
    ("fault", "head", "rule"),
    [
        ("for p in model.parameters(): nn.init.constant_(p, 0.1)", "out", "symmetric-init"),
        ("", "out.softmax(1)", "loss-output-mismatch"),
        ("", "out * (float('nan') if step >= 5 else 1)", "non-finite"),
    ],
)
def test_a_certain_fault_ends_the_run(tmp_path: Path, fault: str, head: str, rule: str) -> None:
    seen = run(tmp_path, fault, head, certain=Watchman())
    assert (seen.facts.stopped_by, seen.facts.exit, seen.facts.steps) == (rule, "stopped", 40)
    report = diagnose(seen)
    assert rule in [f.rule for f in report.alarms], "the exit code of findings"
    assert rule in (sentences.ending(seen.facts) or "") and "40" in (sentences.ending(seen.facts) or "")
    assert len(seen.signal("loss.value")) == 40, "the trace is complete"  # type: ignore[arg-type]


def test_a_run_without_a_certain_fault_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = run(tmp_path)
    said = capsys.readouterr().out
    watched = run(tmp_path, certain=Watchman())
    assert capsys.readouterr().out == said, "bit-identical"
    assert watched.facts.steps == plain.facts.steps == 200 and not watched.facts.stopped_by


def test_what_passes_by_itself_ends_nothing() -> None:
    """As with loss scaling, which overflows at first and skips those steps."""
    first = certain(trace({("loss.value", "run"): [1.0] * 19 + [float("nan")]}, steps=20))
    later = certain(trace({("loss.value", "run"): [1.0] * 19 + [float("nan")] + [1.0] * 20}, steps=40))
    assert first == {"non-finite"} and not later


def test_an_error_of_ours_never_reaches_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> frozenset[str]:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(early_stop, "certain", broken)
    seen = run(tmp_path, certain=Watchman())
    assert seen.facts.steps == 200 and "ZeroDivisionError" in seen.facts.disarmed["early stop"]


def test_looks_are_few_and_must_agree() -> None:
    looked: list[int] = []

    class Script(Watchman):
        def _look(self, recorder: Any) -> frozenset[str]:
            looked.append(recorder.step)
            return frozenset({"a"} if recorder.step in (20, 80) else {"b"} if recorder.step in (40,) else ())

    watchman, recorder = Script(), SimpleNamespace(step=0, observer=SimpleNamespace(spent=0.0))
    for recorder.step in range(1, 1001):
        assert watchman(recorder, recorder.step) == ""  # type: ignore[arg-type]
    assert looked == [20, 40, 80, 160, 320, 640] and recorder.observer.spent > 0


def test_rules_that_are_not_asked_end_nothing() -> None:
    nan = trace({("loss.value", "run"): [float("nan")] * 20}, steps=20)
    assert certain(nan) == {"non-finite"}
    assert not certain(nan, ignore=("non-finite",)) and not certain(nan, select=("dead-units",))


def test_only_an_error_is_certain() -> None:
    rule = plugins.rules()["non-finite"]
    assert not rule.finding(Text("", ""), severity="warning", confidence=1.0, certain=True).certain
    assert not rule.finding(Text("", ""), severity="error", confidence=1.0).certain
    assert rule.finding(Text("", ""), severity="error", confidence=1.0, certain=True).certain


@pytest.mark.parametrize("name", plugins.load("rules"))
def test_a_rule_says_certain_only_of_what_it_is_sure_of(name: str) -> None:
    """Over traces with a fault of each exact kind: whatever is certain is an error with a high confidence."""
    probabilities = {("output.min", "output"): 0.1, ("output.max", "output"): 0.9, ("output.row_sum_error", "output"): 1e-7}
    traces = [
        trace({("loss.value", "run"): [float("nan")] * 20}, steps=20),
        trace({("loss.value", "run"): [2.3] * 20, **probabilities}, steps=20, loss=LossFacts(kind="cross-entropy")),
        trace({("loss.value", "run"): [2.3] * 20}, steps=20, loss=LossFacts(kind="mse", input_shape=(8, 1), target_shape=(8,))),
    ]
    rule: Rule = plugins.rules()[name]
    for one in traces:
        try:
            found = list(rule.check(one))
        except plugins.CannotLook:
            continue
        except AssertionError:  # asked without what it needs
            continue
        assert all(f.severity == "error" and f.confidence >= 0.8 for f in found if f.certain)


def test_it_does_nothing_where_several_processes_train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"config": SimpleNamespace(select=(), ignore={}), "select": (), "ignore": ()}
    assert early_stop.watchman(given) is not None
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert early_stop.watchman(given) is None and "--stop-early" in capsys.readouterr().err


def test_how_it_ended_is_said_in_both_languages() -> None:
    from unstuck import wording

    facts = Facts(exit="stopped", steps=40, stopped_by="symmetric-init")
    for lang, word in (("en", "certain"), ("zh", "确凿")):
        with wording.speaking(lang):
            assert word in (sentences.ending(facts) or "") and "symmetric-init" in (sentences.ending(facts) or "")
