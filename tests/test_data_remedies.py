"""Remedies where data and model do not fit each other: validation inputs prepared otherwise, rows and targets in different orders, negative rates."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from victims import run

from unstuck import plugins, treatment, untreatable
from unstuck.attach.alignment import Aligner, mapped
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.options import Options
from unstuck.planning import candidates
from unstuck.records import Facts, Finding, Place, TargetFacts, Text


def finding(cause: str) -> Finding:
    return Finding(rule=cause, root_cause=cause, message=Text("", ""), severity="error")


# --------------------------------------------------------------------------------------------------------- validation


@pytest.mark.parametrize("prepared", [lambda v: v, lambda v: 40 * v - 7, lambda v: v.exp(), lambda v: v.exp().exp()])
def test_what_a_preparation_did_to_a_feature_is_undone(prepared: object) -> None:
    torch.manual_seed(0)
    values, onto = torch.randn(1000), torch.randn(3000)
    back = mapped(prepared(values), onto)  # type: ignore[operator]
    assert float((back - values).abs().mean()) < 0.08 and bool((back.argsort() == values.argsort()).all())


def test_equal_values_stay_equal_and_constant_features_harmless() -> None:
    flags = (torch.arange(400) % 4 == 0).float()
    assert set(mapped(7 * flags, flags).tolist()) == {0.0, 1.0}
    assert mapped(torch.full((50,), 3.0), torch.zeros(50)).unique().tolist() == [0.0]


@pytest.mark.parametrize(("shape", "dimension"), [((64, 3), -1), ((64, 3, 5, 5), 1), ((64, 7, 3), -1)])
def test_training_passes_are_not_touched_and_small_ones_left(shape: tuple[int, ...], dimension: int) -> None:
    aligner, root = Aligner(dimension, []), nn.Linear(3, 1)
    x = torch.randn(*shape)
    assert aligner(root, x) is x
    with torch.no_grad():
        assert aligner(root, x[:20]) is x[:20] or torch.equal(aligner(root, x[:20]), x[:20])
        found = aligner(root, 9 * x + 4)
    assert found.shape == x.shape and float((found - x).abs().mean()) < 0.1 and aligner.tally.in_force()


SPLIT = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(600, 5); Y = (X[:, 0] > X[:, 1]).float()
m = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(m.parameters(), lr=0.01)
for e in range(60):
    loss = nn.functional.binary_cross_entropy_with_logits(m(X[:400]).squeeze(1), Y[:400])
    opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():
    right = float(((m(X[400:] * torch.tensor([.1, 90, 3, 1, 1]) + torch.tensor([3., 50, 0, 0, 0])).squeeze(1) > 0) == Y[400:].bool()).float().mean())
weights = m[0].weight.detach().clone()
"""


def test_a_validation_in_other_units_is_understood_and_training_is_what_it_was() -> None:
    plain, (treated, _) = run(SPLIT)[0], run(SPLIT, ["align-validation"])
    assert plain["right"] < 0.75 < 0.9 < treated["right"] and treated["in_force"]
    assert torch.equal(plain["weights"], treated["weights"])


def test_under_a_split_that_differs_only_that_is_tried() -> None:
    found = candidates([finding("split-mismatch"), finding("overfitting"), finding("label-noise")], Facts())
    assert [c.remedies for c in found] == [("align-validation",)]
    assert candidates([finding("leakage"), finding("overfitting")], Facts()) == []
    assert len(candidates([finding("overfitting"), finding("split-mismatch")], Facts())) > 2
    words = Facts(notes={"input.dtype": "int64"}, places=(Place(name="e", kind="Embedding", order=0),))
    assert candidates([finding("split-mismatch")], words) == []


@pytest.mark.slow
def test_a_split_that_differs_is_treated_and_leakage_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(SCALED.format(valid="Xv"))
    report = treatment.treat("train.py", options=Options(quiet=True))
    assert report.best == ("align-validation",), [(v.trial.remedies, v.outcome, v.effect) for v in report.verdicts]
    assert {v.trial.remedies for v in report.verdicts} == {("align-validation",)}
    (tmp_path / "train.py").write_text(SCALED.format(valid="X[:200]"))
    report = treatment.treat("train.py", options=Options(quiet=True))
    assert report.best == () and (not report.alarms or report.treatment_note in (*untreatable.ADVICE.values(), report.treatment_note))


SCALED = """
import torch
from torch import nn
torch.manual_seed(0)
raw = torch.randn(800, 6) * torch.tensor([1., 20, 300, 4, 5, 6]) + torch.tensor([5., 90, 700, 0, 0, 0])
y = (raw[:, 0] - 5 > (raw[:, 1] - 90) / 20).long()
mean, std = raw[:600].mean(0), raw[:600].std(0)
X, Xv, yv = (raw[:600] - mean) / std, raw[600:], y[600:]
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.005)
for epoch in range(20):
    for idx in torch.randperm(600).split(30):
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        acc = (net({valid}).argmax(1) == yv).float().mean().item()
    print(f"epoch {{epoch}} val acc {{acc:.4f}}")
"""


# -------------------------------------------------------------------------------------------------------------- order


def together(text: str, tmp_path: Path) -> str:
    (tmp_path / "train.py").write_text(text)
    draft = Draft([Source.read(tmp_path / "train.py", "train.py")], Facts())
    plugins.remedies()["keep-together"].edit(draft)
    draft.settle()
    return draft.sources[0].text


#: A script that puts rows into another order, and what must stand behind it.
ORDERS = {
    "x, y = load()\np = np.random.permutation(len(x))\nx = x[p]\n": "x = x[p]\ny = y[p]\n",
    "p = torch.randperm(9)\nx = x[p]\ntrain = TensorDataset(x, y)\n": "x = x[p]\ny = y[p]\n",
    "def batches(x, y):\n    p = rng.permutation(len(x))\n    x = x[p]\n    for i in r:\n        yield x[i:i + 4], y[i:i + 4]\n": "    x = x[p]\n    y = y[p]\n",
    "x = rng.permutation(x)\ny = rng.permutation(y)\n": "order = rng.permutation(len(x))\nx = x[order]\ny = y[order]\n",
    "x = x[torch.randperm(len(x))]\ny = y[torch.randperm(len(y))]\n": "order = torch.randperm(len(x))\nx = x[order]\ny = y[order]\n",
}


@pytest.mark.parametrize("script", ORDERS)
def test_targets_follow_their_inputs(script: str, tmp_path: Path) -> None:
    assert ORDERS[script] in together(script, tmp_path)


@pytest.mark.parametrize(
    "script",
    [
        "x, y = load()\nx = x[p]\ny = y[p]\n",
        "x, y = x[p], y[p]\n",
        "x, y = load()\nx = x[:100]\n",
        "x = x[p]\n",
        "x = rng.permutation(x)\n",
        "train, valid = rows[:9], rows[9:]\nlow, high = f(train)\ntrain = rng.permutation(train)\nz = 1\nvalid = rng.permutation(valid)\n",
        "a, b, c = load()\na = a[p]\nfor i in p:\n    f(a[i], b[i], c[i])\n",
    ],
)
def test_orders_that_fit_or_that_nobody_can_judge_are_left(script: str, tmp_path: Path) -> None:
    with pytest.raises(NoPatch):
        together(script, tmp_path)


# --------------------------------------------------------------------------------------------------------------- rates


def test_a_softplus_is_put_behind_outputs_whose_logarithm_was_taken() -> None:
    remedy, place = plugins.remedies()["positive-output"], Place(name="out", kind="Linear", role="output", order=0)
    counts = TargetFacts(kind="real", minimum=0.0, maximum=17.0)
    assert remedy.precondition(Facts(places=(place,), notes={"nonfinite.operation": "log"}, target=counts)) is None
    assert remedy.precondition(Facts(places=(place,), notes={"nonfinite.operation": "exp"}, target=counts)) is not None
    real = TargetFacts(kind="real", minimum=-2.0, maximum=2.0)
    assert remedy.precondition(Facts(places=(place,), notes={"nonfinite.operation": "log"}, target=real)) is not None


POISSON = """
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(200, 4); Y = torch.poisson(X[:, 0].exp())
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(40):
    rate = net(X).squeeze(1)
    loss = (rate - Y * torch.log(rate)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
last = float(loss.detach())
"""


def test_a_poisson_loss_on_raw_outputs_becomes_finite(tmp_path: Path) -> None:
    assert run(POISSON)[0]["last"] != run(POISSON)[0]["last"], "NaN"
    treated, _ = run(POISSON, ["positive-output"])
    (tmp_path / "train.py").write_text(POISSON)
    place = Place(name="2", kind="Linear", role="output", order=2, file="train.py", line=6)
    hidden = Place(name="0", kind="Linear", role="hidden", order=0, file="train.py", line=6)
    draft = Draft([Source.read(tmp_path / "train.py", "train.py")], Facts(places=(hidden, place)))
    plugins.remedies()["positive-output"].edit(draft)
    draft.settle()
    assert "nn.Linear(16, 1), nn.Softplus())" in draft.sources[0].text
    assert treated["last"] == treated["last"] and run(draft.sources[0].text)[0]["last"] == pytest.approx(treated["last"])


# --------------------------------------------------------------------------------------------- what only the source says


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("x = (x / 16).astype(np.uint8)", "x = (x / 16).astype(np.float32)"),
        ("x = (self.images[i] / 16).astype(self.images.dtype)", 'x = (self.images[i] / 16).astype("float32")'),
        ("x = x.astype('uint8')", 'x = x.astype("float32")'),
        ("x = torch.from_numpy(x).int().float()", "x = torch.from_numpy(x).float()"),
        ("x = (img // 255).float()", "x = (img / 255).float()"),
        ("y = y.astype(np.int64); half = n // 2; i = idx.long()", ""),
        ("x = x.astype(x.dtype)", ""),
    ],
)
def test_fractions_are_kept_and_labels_and_counts_left(line: str, new: str, tmp_path: Path) -> None:
    assert_edited("keep-fractions", line, new, tmp_path)


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("loss = mse + l1 * sum(p.abs().sum() for p in net.parameters())", "loss = mse + 0.0 * sum(p.abs().sum() for p in net.parameters())"),
        ("pen = sum(p.pow(2).sum() for _, p in net.named_parameters())\nloss = mse + self.c * pen",
         "pen = sum(p.pow(2).sum() for _, p in net.named_parameters())\nloss = mse + 0.0 * pen"),
        ("def size(net):\n    return sum(p.abs().sum() for p in net.parameters())\nloss = mse + c * size(net)",
         "def size(net):\n    return sum(p.abs().sum() for p in net.parameters())\nloss = mse + 0.0 * size(net)"),
        ("def fit(net):\n    sum(p.sum() for p in net.parameters()).backward()\nx = 2 * fit(net)", ""),
        ("norm = sum(p.grad.norm() for p in net.parameters())\ng = 2 * norm", ""),
        ("loss = 0.5 * mse", ""),
    ],
)  # fmt: skip
def test_the_factor_of_a_penalty_becomes_nothing(line: str, new: str, tmp_path: Path) -> None:
    assert_edited("no-penalty", line, new, tmp_path)


def assert_edited(remedy: str, line: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(line + "\n")
    draft = Draft([Source.read(tmp_path / "train.py", "train.py")], Facts())
    if not new:
        with pytest.raises(NoPatch):
            plugins.remedies()[remedy].edit(draft)
        return
    plugins.remedies()[remedy].edit(draft)
    draft.settle()
    assert draft.sources[0].text == new + "\n"
