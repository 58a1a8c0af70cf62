"""The check-up: what its feeds change in an arm, what its checks read, and that a failing arm is told, never lost."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from traces import trace

from unstuck import checkup, planning, plugins, sentences, wording
from unstuck.arms.arm import Arm
from unstuck.arms.cache import Cache
from unstuck.arms.local import LocalPool
from unstuck.arms.sources import forget
from unstuck.attach.feeding import FEW, ShuffledTargets, few_samples
from unstuck.attach.script import Program
from unstuck.check_reading import WHY_NOT, Level, lower
from unstuck.language import LANGUAGES
from unstuck.records import ROOT_CAUSES, Checked, Checkup, Facts, Finding, LossFacts, OptimizerFacts, Report, Text, Trace
from unstuck.renderers import as_html, as_json, as_markdown, as_text
from unstuck.store import load
from unstuck.weighing import suspected, weighed

CHECKS = plugins.checks()

LOADER = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(1600, 6); y = (X[:, 0] + X[:, 1] > 0).long()
if LABELS == "random": y = torch.randint(0, 2, (1600,))
loader = DataLoader(TensorDataset(X, y), batch_size=40, shuffle=True)
model = nn.Sequential(nn.Linear(6, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(8):
    model.train()
    for xb, yb in loader:
        out = model(xb)
        loss = nn.functional.cross_entropy(out, yb)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        print("seen", round(float(xb.sum()), 4), len({tuple(r) for r in xb.tolist()}))
    model.eval()
    with torch.no_grad():
        model(X[:50])
"""
BY_HAND = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); y = X[:, :1] * 2 + 1
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(6, 32), nn.Linear(32, 1)
    def forward(self, x):
        print("seen", round(float(x.detach().sum()), 4), len({tuple(r) for r in x.tolist()}))
        return self.b(torch.relu(self.a(x)))
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(12):
    for rows in torch.randperm(400).split(40):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(X[rows]), y[rows]).backward()
        optimizer.step()
"""
HAND_MADE = BY_HAND.replace("nn.functional.mse_loss(model(X[rows]), y[rows])", "((model(X[rows]) - y[rows]) ** 2).mean()")
FUNCTIONAL = """
import torch
torch.manual_seed(0)
X = torch.randn(200, 3); w = torch.zeros(3, 1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(60):
    optimizer.zero_grad()
    (X @ w - X[:, :1]).square().mean().backward()
    optimizer.step()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pool(home: Path) -> LocalPool:
    return LocalPool(Cache(home / ".unstuck" / "arms"))


def ask(home: Path, text: str, question: str, steps: int = 41) -> tuple[Any, list[list[str]]]:
    """The result of one arm, and what its script printed after "seen"."""
    (home / "train.py").write_text(text)
    forget()
    workers, arm = pool(home), Arm(Program(path="train.py"), check=question, steps=steps)
    result = workers.run([arm])[arm]
    printed = (workers.cache.folder_of(arm) / "output.txt").read_text().splitlines()
    return result, [line.split()[1:] for line in printed if line.startswith("seen")]


def loader(labels: str = "given") -> str:
    return f"LABELS = {labels!r}\n" + LOADER


# ------------------------------------------------------------------------------------------------------------- feeds


@pytest.mark.parametrize("text", [loader(), BY_HAND], ids=["loader", "by hand"])
def test_one_batch_is_a_few_samples_again_and_again(home: Path, text: str) -> None:
    result, seen = ask(home, text, "one-batch")
    assert result.in_force is True and not result.remedy_errors
    assert len({tuple(row[:2]) for row in seen[1:41]}) == 1 and seen[0][0] != seen[1][0]
    assert int(seen[1][1]) == FEW
    losses = result.series["loss.value"].values
    assert losses[-2] < 0.3 * losses[0]


def test_the_last_step_is_made_in_eval_mode(home: Path) -> None:
    result, _ = ask(home, loader(), "one-batch", steps=61)
    assert result.answers == {"flipped": 2.0, "unsettled": 0.0}
    short, _ = ask(home, loader(), "one-batch", steps=21)
    assert short.answers == {"flipped": 0.0, "unsettled": 1.0}, "running statistics have not arrived after 20 steps"


@pytest.mark.parametrize("text", [loader(), BY_HAND], ids=["loader", "by hand"])
def test_blanked_inputs_are_all_alike(home: Path, text: str) -> None:
    result, seen = ask(home, text, "blank-inputs")
    assert result.in_force is True
    if text == BY_HAND:
        assert {row[1] for row in seen} == {"1"}
    else:
        assert np.median(result.series["loss.value"].values[-10:]) > 0.6


def test_shuffled_targets_cannot_be_learned(home: Path) -> None:
    result, _ = ask(home, loader(), "shuffled-targets")
    assert result.in_force is True and np.median(result.series["loss.value"].values[-10:]) > 0.6


@pytest.mark.parametrize(
    ("text", "question", "why"),
    [
        (HAND_MADE, "one-batch", "no-batch"),
        (HAND_MADE, "shuffled-targets", "no-loss"),
        (FUNCTIONAL, "one-batch", "no-batch"),
        (FUNCTIONAL, "blank-inputs", "no-forward"),
    ],
)
def test_what_cannot_be_fed_says_why(home: Path, text: str, question: str, why: str) -> None:
    result, _ = ask(home, text, question)
    assert why in result.remedy_errors and why in WHY_NOT


def test_the_rate_is_multiplied(home: Path) -> None:
    result, _ = ask(home, loader(), "learning-rates 0.01")
    assert load(Path(result.trace)).signal("lr.value").last == pytest.approx(1e-4)  # type: ignore[union-attr]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 100), st.integers(1, 4))
def test_few_samples_keep_every_shape(size: int, width: int) -> None:
    x, y = torch.arange(size * width).reshape(size, width).float(), torch.arange(size)
    batch = few_samples({"x": x, "rest": (y, "name", 3)})
    assert batch["x"].shape == x.shape and batch["rest"][1:] == ("name", 3)
    assert torch.equal(batch["x"][:, 0], batch["rest"][0].float() * width), "inputs and targets stay together"
    assert len(batch["rest"][0].unique()) == min(size, FEW)
    assert batch["x"].data_ptr() != x.data_ptr()


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.integers(0, 5))
def test_a_sample_keeps_its_wrong_target(size: int, seed: int) -> None:
    feed = ShuffledTargets(seed)
    feed.inputs = torch.randn(size, 3)
    targets = torch.arange(size)
    first = feed.shuffled(targets)
    order = torch.randperm(size)
    feed.inputs = feed.inputs[order]
    assert torch.equal(feed.shuffled(targets[order]), first[order])
    assert set(first.tolist()) <= set(range(size)) and feed.shuffled(targets).shape == targets.shape


# ------------------------------------------------------------------------------------------------------------ reading


class Seen:
    """An arm that showed these losses."""

    def __init__(self, *losses: float, **answers: float) -> None:
        self.trace = curve(*losses)
        self.answers = answers


def curve(*losses: float, **facts: Any) -> Trace:
    known = facts | {"loss": LossFacts(kind="cross-entropy"), "optimizers": (OptimizerFacts(kind="SGD", settings={}),)}
    return trace({("loss.value", "run"): list(losses)}, steps=len(losses), **known)


def falling(end: float, steps: int = 101, start: float = 2.3) -> list[float]:
    return [end + (start - end) * math.exp(-0.1 * i) for i in range(steps)]


RUN = curve(*falling(2.28, 300))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_reads_anything_without_an_error(name: str) -> None:
    for losses in ([], [1.0], [math.nan] * 30, falling(0.1)):
        arms = {q: Seen(*losses) for q in checkup.questions()}
        for run in (curve(*losses), RUN):
            try:
                found = CHECKS[name].read(run, arms, 100)
            except plugins.CannotLook:
                continue
            assert found.check == name and "{" not in found.reading.en + found.reading.zh
            assert all(v is None or math.isfinite(v) for v in found.numbers.values())


def test_every_check_has_a_name_in_both_languages() -> None:
    for lang in LANGUAGES:
        with wording.speaking(lang):
            assert all(wording.check(name) != name for name in CHECKS)
    assert len({wording.check(name) for name in CHECKS}) == len(CHECKS)


def test_questions_are_one_per_arm_and_the_first_is_one_batch() -> None:
    asked = checkup.questions()
    assert asked[0] == "one-batch" and len(set(asked)) == len(asked) == sum(len(c.variants) for c in CHECKS.values())


def read(name: str, run: Trace = RUN, **arms: Seen) -> Checked:
    return CHECKS[name].read(run, {k.replace("_", "-"): v for k, v in arms.items()}, 100)


def test_one_batch() -> None:
    assert read("one-batch", one_batch=Seen(*falling(0.01))).outcome == "passed"
    assert read("one-batch", one_batch=Seen(*falling(2.25))).outcome == "failed"
    assert read("one-batch", one_batch=Seen(*falling(1.2))).outcome == "unclear"
    assert read("one-batch", curve(*falling(0.2, 300)), one_batch=Seen(*falling(2.25))).outcome == "unclear", "the run itself learns"


def test_blank_inputs() -> None:
    assert read("blank-inputs", blank_inputs=Seen(*falling(2.28))).outcome == "failed"
    assert read("blank-inputs", curve(*falling(0.5, 300)), blank_inputs=Seen(*falling(2.28))).outcome == "passed"
    late = curve(*falling(2.28, 150), *falling(0.5, 150))
    assert read("blank-inputs", late, blank_inputs=Seen(*falling(2.28))).outcome == "passed", "a plateau that ends"


def test_shuffled_targets() -> None:
    assert read("shuffled-targets", shuffled_targets=Seen(*falling(2.28))).outcome == "failed"
    assert read("shuffled-targets", curve(*falling(0.5, 300)), shuffled_targets=Seen(*falling(2.28))).outcome == "passed"


def test_modes() -> None:
    arm = Seen(*falling(0.01, 100), 9.0, flipped=2.0)
    assert read("modes", one_batch=arm).outcome == "failed"
    assert read("modes", one_batch=Seen(*falling(0.01), flipped=2.0)).outcome == "passed"
    with pytest.raises(plugins.CannotLook):
        read("modes", one_batch=Seen(*falling(0.01), unsettled=1.0))


def rates(**levels: float) -> dict[str, Seen]:
    return {f"learning-rates {k.removeprefix('x').replace('_', '.')}": Seen(*falling(v)) for k, v in levels.items()}


def test_learning_rates() -> None:
    check = CHECKS["learning-rates"]
    better = check.read(RUN, rates(x10=1.0, x100=2.3, x0_1=2.3), 100)
    assert better.outcome == "failed" and better.numbers["better"] == 10
    assert "x10 1" in better.reading.en and "x1 2.28" in better.reading.zh
    assert check.read(RUN, rates(x10=2.2), 100).outcome == "passed"
    learned = check.read(curve(*falling(1.5, 150), *falling(0.05, 150)), rates(x10=0.01), 100)
    assert learned.outcome == "passed" and "faster at first" in learned.reading.en


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 10), st.floats(0.01, 0.5))
def test_of_two_levels_at_most_one_is_lower(a: float, b: float, error: float, share: float) -> None:
    left, right = Level(a, error), Level(b, error)
    assert not (lower(left, right, share) and lower(right, left, share))
    assert not lower(left, left, share)
    assert lower(left, Level(math.inf), share) and not lower(Level(math.inf), left, share)


# -------------------------------------------------------------------------------------------------------- conclusions


def answered(**outcomes: str) -> dict[str, Checked]:
    return {n.replace("_", "-"): Checked(check=n.replace("_", "-"), outcome=o, reading=Text("so", "如此")) for n, o in outcomes.items()}  # type: ignore[arg-type]


def test_conclusions_name_root_causes_and_never_both() -> None:
    import itertools

    numbers = [{"better": 10.0, "x1": 2.0}, {"better": 0.1, "x1": 2.0}, {"x1": 2.0, "x100": None, "x0.01": 3.0}]
    for words in itertools.product(("passed", "failed", "unclear", "not-possible"), repeat=3):
        for modes, known in itertools.product(("passed", "failed"), numbers):
            table = answered(one_batch=words[0], blank_inputs="passed", shuffled_targets=words[1], modes=modes)
            table["learning-rates"] = Checked(check="learning-rates", outcome=words[2], reading=Text("", ""), numbers=known)  # type: ignore[arg-type]
            yes, no = checkup.conclusions(RUN, table)
            assert not yes.keys() & no.keys() and yes.keys() | no.keys() <= set(ROOT_CAUSES)


def test_labels() -> None:
    yes, _ = checkup.conclusions(RUN, answered(one_batch="passed", shuffled_targets="failed"))
    assert "label-noise" in yes
    yes, no = checkup.conclusions(RUN, answered(one_batch="failed", shuffled_targets="failed"))
    assert "label-noise" in no and "label-noise" not in yes, "what cannot be learned by heart is not the labels' fault"
    _, no = checkup.conclusions(RUN, answered(one_batch="unclear", shuffled_targets="passed"))
    assert "label-noise" in no


def test_nothing_is_concluded_of_a_run_that_learns() -> None:
    good = curve(*falling(0.05, 300))
    yes, _ = checkup.conclusions(good, answered(one_batch="passed", shuffled_targets="failed", learning_rates="passed"))
    assert "label-noise" not in yes and "underfitting" not in yes


def found(cause: str, **more: Any) -> Finding:
    return Finding(rule=cause, root_cause=cause, message=Text("m", "信"), **more)


MADE = Checkup(
    checks=tuple(answered(one_batch="passed", modes="not-possible").values()),
    steps=100,
    arms=7,
    seconds=3.0,
    confirmed={"lr-too-low": Text("why", "缘由")},
    ruled_out={"label-noise": Text("against", "相反")},
)


def test_weighing() -> None:
    report = Report(facts=Facts(steps=5), findings=(found("label-noise", confidence=0.8), found("lr-too-low", confidence=0.5)))
    after = weighed(report, MADE)
    assert [f.root_cause for f in after.findings] == ["lr-too-low", "label-noise"]
    assert after.findings[0].confidence == 0.9 and "confirmed" in after.findings[0].checkup.en  # type: ignore[union-attr]
    assert after.findings[1].severity == "note" and [f.root_cause for f in after.alarms] == ["lr-too-low"]
    exact = weighed(Report(facts=Facts(), findings=(found("label-noise", severity="error", certain=True),)), MADE)
    assert exact.findings[0].severity == "error" and exact.findings[0].checkup is None


def test_what_it_points_to_is_tried_first() -> None:
    report = weighed(Report(facts=Facts(steps=5), findings=(found("overfitting", severity="error"),)), MADE)
    assert suspected(report) == ("lr-too-low",)
    first = planning.candidates(report.findings, Facts(), (), suspected(report))[0]
    assert first.root_cause == "lr-too-low"
    assert "lr-too-low" in sentences.pointed(report, "en")[0]


def test_a_consequence_of_what_was_found_is_not_pointed_at() -> None:
    from dataclasses import replace

    made = replace(MADE, confirmed={"underfitting": Text("why", "缘由")})
    report = weighed(Report(facts=Facts(steps=5), findings=(found("vanishing-gradient", severity="error"),)), made)
    assert suspected(report) == () and not sentences.pointed(report, "en")
    assert suspected(weighed(Report(facts=Facts(steps=5)), made)) == ("underfitting",)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_of_the_report_tells_it(lang: str) -> None:
    report = weighed(Report(facts=Facts(steps=5, script="a.py"), findings=(found("label-noise"),)), MADE)
    with wording.speaking(lang):
        name, against = wording.check("one-batch"), report.findings[0].checkup.in_language(lang)  # type: ignore[union-attr]
    for text in (as_text.render(report, lang), as_markdown.render(report, lang), as_html.render(report, lang)):
        assert name in text and against.partition(":")[2].strip() in text
    assert name in as_text.render(weighed(Report(facts=Facts(steps=5)), MADE), lang), "also where nothing was found"
    document = json.loads(as_json.render(report))["checkup"]
    assert [c["check"] for c in document["checks"]] == ["one-batch", "modes"] and document["confirmed"].keys() == {"lr-too-low"}
    assert "checkup" not in json.loads(as_json.render(Report(facts=Facts(steps=5))))


# ------------------------------------------------------------------------------------------------------ the whole way


def examined(home: Path, text: str) -> Checkup:
    (home / "train.py").write_text(text)
    forget()
    program = Program(path="train.py")
    workers, arm = pool(home), Arm(program, paired=False, budget=0.02)
    run = load(Path(workers.run([arm])[arm].trace))
    return checkup.examine(run, workers, lambda **more: Arm(program, **more))


@pytest.mark.slow
def test_a_healthy_script_and_the_same_with_random_labels(home: Path) -> None:
    healthy = examined(home, loader())
    assert {c.check: c.outcome for c in healthy.checks} == dict.fromkeys(CHECKS, "passed")
    assert not healthy.confirmed and "label-noise" in healthy.ruled_out and healthy.arms == len(checkup.questions())
    noisy = examined(home, loader("random"))
    outcomes = {c.check: c.outcome for c in noisy.checks}
    assert outcomes["one-batch"] == "passed" and outcomes["shuffled-targets"] == "failed"


def test_an_arm_that_fails_is_told(home: Path) -> None:
    fault = loader().replace(
        "        out = model(xb)\n", "        assert float(xb.std(0).max()) < 0, 'dies in every arm'\n        out = model(xb)\n"
    )
    (home / "train.py").write_text(fault)
    program = Program(path="train.py")
    made = checkup.examine(RUN, pool(home), lambda **more: Arm(program, **more))
    assert [c.check for c in made.checks] == list(CHECKS) and {c.outcome for c in made.checks} == {"not-possible"}
    assert all("dies in every arm" in c.reading.en for c in made.checks) and not made.confirmed and not made.ruled_out


def test_an_arm_without_end_and_a_check_with_an_error_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "train.py").write_text("import time, torch\ntime.sleep(60)\n")
    monkeypatch.setattr(checkup, "questions", lambda: ["one-batch", "blank-inputs"])
    monkeypatch.setattr(checkup, "plan", lambda run: checkup.Plan(40, 1.0, 20.0))
    made = checkup.examine(RUN, pool(home), lambda **more: Arm(Program(path="train.py"), **more))
    reasons = {c.check: c.reading.en for c in made.checks}
    assert "time" in reasons["one-batch"] and "left out" in reasons["learning-rates"]

    class Broken(type(CHECKS["one-batch"])):  # type: ignore[misc]
        id = "one-batch"

        def read(self, *given: Any) -> Checked:
            raise ZeroDivisionError("inside")

    result, _ = ask(home, loader(), "one-batch")
    assert "ZeroDivisionError" in checkup.answer(Broken(), RUN, {"one-batch": result}, checkup.Plan(40, 1.0, 20.0)).reading.en


@pytest.mark.parametrize(("facts", "why"), [({"optimizers": ()}, "no-optimizer"), ({"steps": 5}, "too-short")])
def test_a_run_that_cannot_be_asked(facts: dict[str, Any], why: str) -> None:
    from dataclasses import replace

    run = replace(RUN, facts=replace(RUN.facts, **facts))
    made = checkup.examine(run, None, None)  # type: ignore[arg-type]
    assert {c.reading for c in made.checks} == {WHY_NOT[why]} and made.arms == 0


def test_arms_are_short_where_steps_are_dear() -> None:
    quick = trace({("loss.value", "run"): falling(2.0, 300), ("step.seconds", "run"): 0.001}, steps=300, seconds=2.0)
    dear = trace({("loss.value", "run"): falling(2.0, 300), ("step.seconds", "run"): 0.2}, steps=300, seconds=60.0)
    assert checkup.plan(quick).steps == checkup.MOST_STEPS and checkup.plan(dear).steps == checkup.LEAST_STEPS
    assert checkup.plan(dear).allowed_s == 30.0


@pytest.mark.slow
def test_run_with_a_checkup(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess
    import sys

    (home / "train.py").write_text(loader())
    words = [sys.executable, "-m", "unstuck", "run", "--checkup", "--format", "json", "train.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert done.returncode in (0, 1) and {c["check"] for c in report["checkup"]["checks"]} == set(CHECKS), done.stderr
    assert report["checkup"]["arms"] == 7 and report["steps"] == 320
