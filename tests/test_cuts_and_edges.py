"""What the remedies against cut graphs, edges of a domain and parameters that nobody trains do to small scripts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from victims import run

from unstuck.arms.results import ArmResult, Series
from unstuck.edits.cuts import without_cuts
from unstuck.edits.source import Draft, Source
from unstuck.measures import value_at
from unstuck.records import Facts
from unstuck.yardstick import choose

HEAD = """
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
X = torch.randn(64, 4); y = (X[:, 0] > 0).long()
"""
CUT = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 2)
    {decorator}
    def encode(self, x):
        return torch.tanh(self.first(x))
    def forward(self, x):
        return self.last({way})
m = Net()
before = m.first.weight.clone()
opt = torch.optim.SGD(m.parameters(), lr=.1)
for step in range(3):
    opt.zero_grad(); F.cross_entropy(m(X), y).backward(); opt.step()
moved = not torch.equal(before, m.first.weight)
with torch.no_grad():
    quiet = m(X).requires_grad
taken_out = m(X).detach().numpy()
"""
)


@pytest.mark.parametrize(
    ("decorator", "way"),
    [
        ("", "self.encode(x).detach()"),
        ("", "self.encode(x).data"),
        ("@torch.no_grad()", "self.encode(x)"),
        ("", "torch.from_numpy(self.encode(x).detach().numpy())"),
        ("", "torch.tensor(self.encode(x).detach().cpu().numpy())"),
    ],
)
def test_a_cut_is_undone_in_training_only(decorator: str, way: str, tmp_path: Path) -> None:
    script = CUT.format(decorator=decorator, way=way)
    assert not run(script)[0]["moved"]
    treated, _ = run(script, ["keep-graph"])
    assert treated["moved"] and treated["in_force"] and not treated["quiet"]
    (tmp_path / "train.py").write_text(script)
    draft = Draft([Source.read(tmp_path / "train.py", "train.py")], Facts())
    without_cuts(draft)
    draft.settle()
    patched = draft.sources[0].text
    ast.parse(patched)
    assert run(patched)[0]["moved"]
    assert "taken_out = m(X).detach().numpy()" in patched


def test_rows_that_are_taken_by_numpy_are_taken_by_torch(tmp_path: Path) -> None:
    script = CUT.format(decorator="", way="torch.from_numpy(self.encode(x).detach().numpy()[x.argmax(1).numpy()])")
    assert not run(script)[0]["moved"]
    (tmp_path / "train.py").write_text(script)
    draft = Draft([Source.read(tmp_path / "train.py", "train.py")], Facts())
    without_cuts(draft)
    draft.settle()
    assert "self.last(self.encode(x)[x.argmax(1).numpy()])" in draft.sources[0].text
    assert run(draft.sources[0].text)[0]["moved"]


def test_a_script_without_a_cut_is_not_treated() -> None:
    whole = CUT.format(decorator="", way="self.encode(x)").replace("m(X).detach()", "X")
    assert run(whole, ["keep-graph"])[0]["in_force"] is False


EDGE = (
    HEAD
    + """
m = nn.Linear(4, 4)
opt = torch.optim.SGD(m.parameters(), lr=.01)
count = torch.zeros(64, 1)
for step in range(3):
    z = m(X)
    loss = {loss}
    opt.zero_grad(); loss.backward(); opt.step()
finite = all(bool(torch.isfinite(p).all()) for p in m.parameters()) and bool(torch.isfinite(loss))
"""
)


@pytest.mark.parametrize(
    "loss",
    [
        "-torch.log(torch.relu(z)).mean()",
        "((z - z) ** 2).sum(1).sqrt().mean()",
        "((z * 0).sum(1, keepdim=True) / count).mean()",
        "torch.exp(z * 1000).sum(1).log().mean()",
        "torch.acos(F.normalize(z, dim=1) @ F.normalize(z, dim=1).T).mean()",
        "F.normalize(z, dim=1).pow(2).sum(1).asin().mean()",
        "((z - z).abs() ** 0.5).mean()",
        "(1 / (z - z)).mean()",
        "torch.relu(z).pow(-1).mean()",
    ],
)
def test_operations_are_held_at_their_edge(loss: str) -> None:
    script = EDGE.format(loss=loss)
    assert not run(script)[0]["finite"]
    treated, _ = run(script, ["guarded-operations"])
    assert treated["finite"] and treated["in_force"]


def test_within_the_domain_nothing_changes() -> None:
    script = EDGE.format(loss="((z.exp().log() / (z.abs() + 1).sqrt()).pow(2) + (z.sigmoid() * 0.9).acos() + 1 / (1 + z**2) ** 0.5).mean()")
    one, other = run(script)[0], run(script, ["guarded-operations"])[0]
    assert torch.equal(one["m"].weight, other["m"].weight)


LOST = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(4, 8), nn.Linear(8, 8)]
        self.last = nn.Linear(8, 2)
    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.last(x)
m = Net()
opt = torch.optim.SGD([{"params": m.last.parameters(), "lr": .1}])
m.last = nn.Linear(8, 2)
started = [p.clone() for layer in (*m.hidden, m.last) for p in layer.parameters()]
for step in range(3):
    opt.zero_grad(); F.cross_entropy(m(X), y).backward(); opt.step()
moved = [not torch.equal(a, p) for a, p in zip(started, [p for layer in (*m.hidden, m.last) for p in layer.parameters()])]
"""
)


def test_layers_in_a_list_and_a_head_that_came_later_are_trained() -> None:
    assert not any(run(LOST)[0]["moved"])
    treated, _ = run(LOST, ["train-all-parameters"])
    assert all(treated["moved"]) and treated["in_force"]


def test_rare_classes_are_judged_by_balanced_accuracy_and_an_r2_has_a_floor() -> None:
    both = {"batch.accuracy": Series((0, 1, 2), (0.9, 0.9, 0.9)), "batch.recall": Series((0, 1, 2), (0.5, 0.5, 0.5))}
    run_ = ArmResult(key="k", exit="finished", steps=3, series=both)
    plain, balanced = choose(run_), choose(run_, balanced=True)
    assert plain is not None and plain.series == "batch.accuracy"
    assert balanced is not None and balanced.series == "batch.recall" and "balanced accuracy" in balanced.yardstick.name
    exploded = ArmResult(key="k", exit="finished", steps=3, series={"batch.r2": Series((0, 1, 2), (-1e12, -1e12, -1e12))})
    measure = choose(exploded)
    assert measure is not None and value_at(exploded, measure, 3) == -1.0


def test_a_copy_of_the_weights_that_is_taken_off_at_every_step_stays_on_the_graph(tmp_path: Path) -> None:
    script = (
        "import torch\ndef forward(x):\n    w = {k: p.detach().clone() for k, p in net.named_parameters()}\n    return call(net, w, x)\n"
    )
    (tmp_path / "train.py").write_text(script)
    draft = Draft([Source.read(tmp_path / "train.py", "train.py")], Facts())
    without_cuts(draft)
    draft.settle()
    assert "{k: p.clone() for" in draft.sources[0].text
