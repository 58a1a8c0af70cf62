"""Remedies that cannot be injected: batches and orders made by hand are written into the source, and tried that way; arms at their own pace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traces import place, trace

from unstuck import ledger, plugins, treatment, untreatable
from unstuck.arms.arm import Arm
from unstuck.arms.results import ArmResult, Series
from unstuck.attach.script import Program
from unstuck.bench import Bench, at_pace
from unstuck.edits.batches import at_random, cut_anew, resize
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.ledger import Want
from unstuck.measures import Measure
from unstuck.options import Options
from unstuck.planning import candidates
from unstuck.progress import Progress
from unstuck.records import Facts, Finding, OptimizerFacts, Report, Text, Yardstick


def draft_of(text: str, tmp_path: Path, batch: int) -> Draft:
    path = tmp_path / "train.py"
    path.write_text(text)
    facts = Facts(batch_size=batch, optimizers=(OptimizerFacts(kind="SGD", settings={"lr": 0.1}, file="train.py", line=1),))
    return Draft([Source.read(path, "train.py")], facts)


def written(draft: Draft) -> str:
    draft.settle()
    return draft.sources[0].text


#: A script's way to cut its batches of 4; where a 64 must stand afterwards; where a 4 must stay.
CUTS = {
    "batch = 4\nfor i in torch.randperm(n).split(batch):\n    f(x[i])\n": "batch = 64",
    "def go(size=4):\n    for i in range(0, len(x), size):\n        f(x[i:i + size])\n": "size=64",
    "for i in range(0, len(x), 4):\n    f(x[i:i + 4], k[4])\n": "range(0, len(x), 64):\n    f(x[i:i + 64], k[4])",
    "cfg = {'bs': 4, 'h': 4}\ni = torch.randint(0, n, (cfg['bs'],))\n": "{'bs': 64, 'h': 4}",
    "@dataclass\nclass C:\n    batch: int = 4\n    layers: int = 4\nc = C()\ni = torch.randperm(n)[:c.batch]\n": "batch: int = 64\n    layers: int = 4",
    "p.add_argument('--batch-size', type=int, default=4)\na = p.parse_args()\nfor i in order.split(a.batch_size):\n    f(i)\n": "default=64",
    "BS = 4\nx, y = draw(BS)\n": "BS = 64",
    "batch_size = None\nbatch_size = 4\ni = order[at:at + batch_size]\n": "batch_size = 64",
    "size = 4\ndef rows(n):\n    yield from order.split(n)\nfor i in rows(size):\n    f(i)\n": "size = 64",
    "size = len(x)\nfor i in order.split(size):\n    f(i)\n": "size = 64",
}


@pytest.mark.parametrize("script", CUTS)
def test_a_size_is_changed_where_it_is_defined(script: str, tmp_path: Path) -> None:
    draft = draft_of(script, tmp_path, batch=4)
    resize(draft, 64)
    assert CUTS[script] in written(draft)


@pytest.mark.parametrize("script", ["batch = 8\nfor i in order.split(batch):\n    f(i)\n", "for i in order:\n    f(i)\n"])
def test_a_number_that_is_not_the_size_seen_is_left_alone(script: str, tmp_path: Path) -> None:
    with pytest.raises(NoPatch, match="Where the batches are cut"):
        cut_anew(draft_of(script, tmp_path, batch=4), 64)


def test_counted_samples_come_in_random_order(tmp_path: Path) -> None:
    draft = draft_of("order = torch.arange(len(x))\nfor i in range(0, len(x), 4):\n    f(x[order[i:i + 4]])\n", tmp_path, 4)
    at_random(draft)
    assert "order = torch.randperm(len(x))" in written(draft)
    draft = draft_of("held = torch.arange(9) % 5 == 0\ndef order(n):\n    return torch.arange(n)\n", tmp_path, 4)
    at_random(draft)
    assert written(draft).startswith("held = torch.arange(9)") and "return torch.randperm(n)" in written(draft)
    head = "import torch\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    loop = "for e in range(9):\n    for i in range(0, len(x), 4):\n        loss(x[i:i + 4], y[i:i + 4]).backward()\n        opt.step()\n"
    draft = draft_of(head + loop, tmp_path, 4)
    draft.facts = Facts(batch_size=4, optimizers=(OptimizerFacts(kind="SGD", settings={"lr": 0.1}, file="train.py", line=2),))
    at_random(draft)
    text = written(draft)
    assert (
        "    order = torch.randperm(len(x))\n    for i in range(0, len(x), 4):" in text
        and "loss(x[order[i:i + 4]], y[order[i:i + 4]])" in text
    )


# -------------------------------------------------------------------------------------------------------------- pace


def test_steps_of_smaller_batches_are_counted_in_the_old_ones() -> None:
    arm = ArmResult(key="", exit="stopped", steps=40, series={"validation.accuracy": Series((3, 7, 39), (0.1, 0.2, 0.3))})
    found = at_pace(arm, 4.0)
    assert found.steps == 10 and found.series["validation.accuracy"].steps == (0, 1, 9)
    assert at_pace(arm, 1.0) is arm


def test_which_remedies_go_at_a_pace_of_their_own() -> None:
    known = plugins.remedies()
    facts = Facts(batch_size=6400)
    assert known["smaller-batch"].pace(facts) == 4 and known["usual-batch"].pace(facts) == 32 and known["larger-batch"].pace(facts) == 1
    assert known["usual-batch"].pace(Facts(batch_size=2)) == 1 and known["usual-batch"].pace(Facts()) == 1
    assert known["usual-batch"].precondition(Facts(batch_size=50)) is not None


class Pool:
    """Arms that are not run: an injected `shuffle` is never in force; a written one gains."""

    rests = False

    def __init__(self) -> None:
        self.facts = Facts(batch_size=512)
        self.ran: list[Arm] = []

    def run(self, arms: Sequence[Arm], on_done: Any) -> None:
        for arm in arms:
            self.ran.append(arm)
            force = None if not arm.remedies else arm.remedies != ("shuffle",)
            series = {"validation.accuracy": Series((9,), (0.9 if arm.overlay else 0.2,))}
            on_done(arm, ArmResult(key="", exit="stopped", steps=arm.steps or 0, in_force=force, series=series))


def bench_of(pool: Pool, write: Any) -> tuple[Bench, ledger.Record, dict[Any, Any]]:
    overlays: dict[Any, Any] = {}

    def make_arm(*, remedies: Any, **settings: Any) -> Arm:
        overlay = overlays.get(remedies, ())
        return Arm(Program("train.py"), remedies=() if overlay else remedies, overlay=overlay, **settings)

    measure = Measure("validation.accuracy", Yardstick(name="validation accuracy"))
    record = ledger.Record(ledger.Plan(20, 20), measure.yardstick)

    def written(remedies: Any) -> bool:
        if not write:
            return False
        overlays[remedies] = (("train.py", b"changed"),)
        return True

    return Bench(pool, make_arm, record, measure, 60.0, Progress(quiet=True), lambda: False, write=written), record, overlays  # type: ignore[arg-type]


def test_what_cannot_be_injected_is_tried_as_it_would_be_written() -> None:
    pool = Pool()
    bench, record, overlays = bench_of(pool, write=True)
    bench.measure([Want(r, 0, 20) for r in ((), ("shuffle",), ("lower-lr",))])
    assert set(overlays) == {("shuffle",)}
    assert record.readings[Want(("shuffle",), 0, 20)].value == 0.9 and record.readings[Want(("lower-lr",), 0, 20)].value == 0.2
    assert bench.steps == 80, "the arm in vain is paid for"
    bench.measure([Want(("shuffle",), 1, 20)])
    assert pool.ran[-1].overlay and len(pool.ran) == 5, "from then on it is written from the start"


def test_what_can_neither_be_injected_nor_written_stays_undone() -> None:
    pool = Pool()
    bench, record, _ = bench_of(pool, write=False)
    bench.measure([Want(("shuffle",), 0, 20)])
    assert record.readings[Want(("shuffle",), 0, 20)].in_force is False and len(pool.ran) == 1


def test_what_is_only_ever_written_runs_no_arm_in_vain() -> None:
    pool = Pool()
    bench, record, _ = bench_of(pool, write=False)
    bench.measure([Want(r, 0, 20) for r in ((), ("keep-together",), ("lower-lr",))])
    assert len(pool.ran) == 2 and record.readings[Want(("keep-together",), 0, 20)].value is None
    pool = Pool()
    bench, record, overlays = bench_of(pool, write=True)
    bench.measure([Want(r, 0, 20) for r in ((), ("keep-together",))])
    assert set(overlays) == {("keep-together",)} and record.readings[Want(("keep-together",), 0, 20)].value == 0.9


def test_an_arm_that_came_to_the_scripts_own_end_answers_for_longer_ones() -> None:
    pool = Pool()
    bench, record, _ = bench_of(pool, write=False)
    arm = ArmResult(key="", exit="finished", steps=12, series={"validation.accuracy": Series((9,), (0.7,))})
    bench.results[("lower-lr",), 0] = 15, arm
    bench.measure([Want(("lower-lr",), 0, 20)])
    assert not pool.ran and record.readings[Want(("lower-lr",), 0, 20)].value == 0.7


def test_a_remedy_that_refuses_the_script_is_not_written_into_it() -> None:
    assert not Bench.undone(ArmResult(key="", exit="failed", in_force=False, remedy_errors=("layer-norm: normalised already.",)))
    assert Bench.undone(ArmResult(key="", exit="stopped", in_force=False))
    never = ("lower-lr: was never applied; no optimizer was built.",)
    assert Bench.undone(ArmResult(key="", exit="stopped", in_force=False, remedy_errors=never, out_of_reach=True))


def test_an_arm_of_smaller_batches_makes_more_steps() -> None:
    pool = Pool()
    bench, _, _ = bench_of(pool, write=False)
    bench.measure([Want(("smaller-batch",), 0, 20)])
    assert pool.ran[0].steps == 80 and bench.steps == 20


@pytest.mark.slow
def test_single_samples_of_a_script_without_a_loader_are_cured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(BY_HAND)
    report = treatment.treat("train.py", options=Options(remedy=("usual-batch",), quiet=True))
    assert report.best == ("usual-batch",), [(v.trial.remedies, v.outcome, v.effect) for v in report.verdicts]


BY_HAND = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(900, 6); y = X[:, :1] - X[:, 1:2] + 2.0 * torch.randn(900, 1)
net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
batch = 1
made = 0
while made < 400:
    for i in torch.randperm(600).split(batch):
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        made += 1
        if made % 50 == 0:
            with torch.no_grad():
                print("val", nn.functional.mse_loss(net(X[600:]), y[600:]).item())
        if made >= 400:
            break
"""


# ---------------------------------------------------------------------------------------------------- in the data


def finding(cause: str, severity: Any = "warning") -> Finding:
    return Finding(rule=cause, root_cause=cause, message=Text("", ""), severity=severity)


def test_no_rivals_where_the_cause_lies_in_the_data() -> None:
    found = candidates([finding("label-noise")], Facts())
    assert {c.root_cause for c in found if len(c.remedies) == 1} == {"label-noise"}
    assert any(not c.root_cause for c in candidates([finding("overfitting"), finding("label-noise")], Facts()))
    assert any(not c.root_cause for c in candidates([finding("overfitting")], Facts(), suspected=("label-noise",)))
    assert not any(not c.root_cause for c in candidates([], Facts(), suspected=("label-noise",)))


def test_batches_of_neighbours_judge_nothing_but_the_order() -> None:
    found = candidates([finding("not-shuffled")], Facts(), judged_by_batches=True)
    assert [c.remedies for c in found] == [("shuffle",)]
    assert len(candidates([finding("not-shuffled")], Facts())) > 1


def test_advice_for_every_cause_without_a_remedy() -> None:
    from unstuck.records import ROOT_CAUSES

    assert {c for c in ROOT_CAUSES if not plugins.remedies_for(c)} < untreatable.WORTHLESS_SCORE < set(untreatable.ADVICE)
    assert untreatable.lead(()) == "" and untreatable.lead((finding("overfitting"),), ("leakage",)) == "overfitting"


def test_the_owner_of_the_data_is_told(tmp_path: Path) -> None:
    course = treatment.Treatment(Program("train.py"), Options(quiet=True, folder=tmp_path), Progress(quiet=True))
    report = Report(facts=Facts(), findings=(finding("label-noise"),))
    told = course.advised(report).treatment_note
    assert told == untreatable.ADVICE["label-noise"]
    assert course.advised(Report(facts=Facts(), findings=(finding("label-noise"),), best=("early-stopping",))).treatment_note is None
    assert course.advised(Report(facts=Facts(), findings=(finding("overfitting"),))).treatment_note is None


@pytest.mark.parametrize(
    "said", ["(net(X[300:]).argmax(1) == y[300:]).float().mean()", "nn.functional.cross_entropy(net(X[300:]), y[300:])"]
)
def test_early_stopping_hears_what_the_script_computes_by_hand(said: str, tmp_path: Path) -> None:
    """By its answers, or by a loss of PyTorch; each validation once."""
    from unstuck.attach.injection import Injection
    from unstuck.attach.script import watch_program

    script = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); y = (X[:, 0] > 0).long()
net = nn.Linear(6, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.5)
for epoch in range(9):
    for i in torch.randperm(300).split(50):
        target = y[i] if epoch < 3 else 1 - y[i]
        loss = nn.functional.cross_entropy(net(X[i]), target)
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        seen = SAID.item()
weights = net.weight.detach().clone()
right = (net(X).argmax(1) == y).float().mean().item()
open("right.txt", "w").write(str(right))
""".replace("SAID", said)
    import os

    before = Path.cwd()
    (tmp_path / "train.py").write_text(script)
    os.chdir(tmp_path)
    try:
        rights = []
        for remedies in ((), ("early-stopping",)):
            injection = Injection([plugins.remedies()[n] for n in remedies], Facts(), 0)
            watch_program(Program("train.py"), trace=tmp_path / "trace", budget=None, injection=injection)
            rights.append(float((tmp_path / "right.txt").read_text()))
    finally:
        os.chdir(before)
    phases = [v.memory["early-stopping"].phases for v in injection._views if "early-stopping" in v.memory]
    assert phases == [8], "the last one is behind the last step"
    assert rights[0] < 0.3 and rights[1] > 0.8


def test_two_lengths_of_one_arm_are_read_off_the_longer_one() -> None:
    pool = Pool()
    bench, record, _ = bench_of(pool, write=False)
    bench.measure([Want(("lower-lr",), 1, 20), Want(("lower-lr",), 1, 40), Want(("lower-lr",), 2, 20)])
    assert [(a.seed, a.steps) for a in pool.ran] == [(1, 40), (2, 20)]
    assert record.readings[Want(("lower-lr",), 1, 20)].value == record.readings[Want(("lower-lr",), 1, 40)].value == 0.2


def test_the_symptom_is_looked_for_in_arms_that_end_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that waits in a run that is broken off does not wait in an arm: both arms of a pair have the same steps."""
    deep = {("gradient.norm", f"{i}"): 10.0 ** (i - 8) for i in range(8)}
    places = [place(f"{i}", order=i) for i in range(8)]
    fading, steady = (
        trace({**{k: v if fades else 1.0 for k, v in deep.items()}, ("loss.value", "run"): 2.3}, places=places, steps=20, exit="stopped")
        for fades in (True, False)
    )
    rule = plugins.rules()["vanishing-gradient"]
    assert rule.patience > 20
    bench = object.__new__(Bench)
    untouched, treated = (SimpleNamespace(trace=name) for name in ("untouched", "treated"))
    bench.results = {((), 0): (None, untouched), (("relu",), 0): (None, treated)}  # type: ignore[dict-item]
    monkeypatch.setattr("unstuck.bench.load", lambda path: {"untouched": fading, "treated": steady}[path.name])
    assert bench.symptom(("relu",), 0, rule.id) is True
    monkeypatch.setattr("unstuck.bench.load", lambda path: fading)
    assert bench.symptom(("relu",), 0, rule.id) is False
