"""The contract of every remedy, and for each one a script that it changes in the way its page says."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from victims import DATA, DOUBLE_SOFTMAX, SQUARED_SOFTMAX, run

from unstuck import plugins
from unstuck.attach.injection import Injection, RemedyFailed
from unstuck.records import ROOT_CAUSES, Facts, LossFacts, OptimizerFacts, Place, TargetFacts, Text

REMEDIES = plugins.remedies()
#: Root causes that no change of a running script can cure: the data themselves are wrong, and only their owner can mend them.
WITHOUT_REMEDY = {"split-mismatch", "leakage"}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


NETS = {
    "mlp": """
m = nn.Sequential(nn.Linear(20, 32), nn.Sigmoid(), nn.Linear(32, 32), nn.Sigmoid(), nn.Linear(32, 2))
""",
    "cnn": """
X = X[:, :16].reshape(-1, 1, 4, 4)
m = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(128, 2))
""",
    "lstm": """
X = X.reshape(-1, 5, 4)
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.r = nn.LSTM(4, 16, batch_first=True)
        s.o = nn.Linear(16, 2)
    def forward(s, x):
        return s.o(s.r(x)[0][:, -1])
m = N()
""",
    "functional": """
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.b, s.c = nn.Linear(20, 32), nn.Linear(32, 32), nn.Linear(32, 2)
    def forward(s, x):
        return s.c(F.relu(s.b(torch.tanh(s.a(x)))))
m = N()
""",
}
BUILD = """
opt = torch.optim.SGD(m.parameters(), lr=.05, momentum=.9, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 5, .5)
loader = DataLoader(TensorDataset(X[:192], Y[:192]), batch_size=64)
"""
TRAIN = """
state = torch.get_rng_state()
for x, y in loader:
    loss = F.cross_entropy(m(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(m.parameters(), .1)
    opt.step()
    opt.zero_grad()
    sched.step()
    losses.append(loss.item())
after = torch.get_rng_state()
with torch.no_grad():
    validation = F.cross_entropy(m(X[192:]), Y[192:]).item()
"""
#: Remedies that fit none of the nets above (see `test_it_does_what_its_page_says`), or one kind of net only.
REFUSED: dict[str, set[str]] = {}


def script(net: str, train: str = TRAIN) -> str:
    """A script that trains one of the nets for three steps."""
    return DATA + NETS[net] + BUILD + train


# --------------------------------------------------------------------------------------------------- pages, names, declarations


@pytest.mark.parametrize("name", REMEDIES)
def test_declarations(name: str) -> None:
    remedy = REMEDIES[name]
    assert remedy.id == name
    assert remedy.headings("en") == plugins.HEADINGS["remedies"][0]
    assert remedy.headings("zh") == plugins.HEADINGS["remedies"][1]
    assert remedy.summary("en").endswith(".") and remedy.summary("zh").endswith("。")
    assert re.search("[\u4e00-\u9fff]", remedy.page("zh")) and not re.search("[\u4e00-\u9fff]", remedy.page("en"))
    assert remedy.treats and set(remedy.treats) <= set(ROOT_CAUSES)
    assert set(remedy.joins) <= set(REMEDIES) - {name}


def test_every_root_cause_has_a_remedy() -> None:
    assert {cause for cause in ROOT_CAUSES if not plugins.remedies_for(cause)} == WITHOUT_REMEDY


def test_listing_the_remedies_does_not_import_torch() -> None:
    code = "import sys; from unstuck import plugins; [r.page('zh') for r in plugins.remedies().values()]; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


RICH = Facts(
    steps=400,
    batch_size=64,
    places=(
        Place(name="a", kind="Linear", role="hidden", order=0, shape=(64, 32)),
        Place(name="s", kind="Sigmoid", role="hidden", order=1, file="train.py", line=3),
        Place(name="b", kind="Linear", role="hidden", order=2, shape=(64, 32)),
        Place(name="d", kind="Dropout", role="other", order=3),
        Place(name="c", kind="Linear", role="output", order=4, shape=(64, 2)),
        Place(name="t", kind="Tanh", role="output", order=5),
    ),
    optimizers=(OptimizerFacts(kind="SGD", settings={"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01, "nesterov": False}),),
    loss=LossFacts(kind="mse", input_shape=(64, 1), target_shape=(64,)),
    target=TargetFacts(kind="real", minimum=0.0, maximum=100.0),
    schedulers=("StepLR",),
    phases=("training", "validation"),
    models=("Sequential",),
)


@pytest.mark.parametrize("name", REMEDIES)
@pytest.mark.parametrize("facts", [Facts(), RICH], ids=["nothing known", "much known"])
def test_advice_and_precondition_speak_both_languages(name: str, facts: Facts) -> None:
    remedy = REMEDIES[name]
    for text in (remedy.advice(facts), remedy.precondition(facts) or Text("-", "-")):
        assert text.en and text.zh and "None" not in text.en
    assert facts is RICH or remedy.precondition(facts) is None  # nothing known is no reason to refuse


# --------------------------------------------------------------------------------------------------- on four nets


@pytest.fixture(scope="module")
def controls() -> dict[str, dict[str, Any]]:
    torch.set_num_threads(1)
    return {net: run(script(net))[0] for net in NETS}


def states(namespace: dict[str, Any]) -> dict[str, Any]:
    """Weights and buffers, the kinds of the modules, and the optimizer's settings."""
    opt = namespace["opt"]
    settings = [{k: v for k, v in g.items() if k not in ("params", "initial_lr")} for g in opt.param_groups]
    return {
        "weights": {k: v.detach().clone() for k, v in namespace["m"].state_dict().items()},
        "kinds": [type(m).__name__ for m in namespace["m"].modules()],
        "optimizer": (type(opt).__name__, settings, sum(len(g["params"]) for g in opt.param_groups)),
    }


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("name", REMEDIES)
def test_on_four_nets(name: str, net: str, controls: dict[str, dict[str, Any]]) -> None:
    try:
        treated, injection = run(script(net), [name])
    except RemedyFailed as refusal:
        assert len(str(refusal)) > len(name) + 20
        return
    except Exception as refusal:
        assert "activation" in str(refusal)  # the roles of activations are known at the first batch only
        return
    assert len(treated["losses"]) >= 3 and all(math.isfinite(v) for v in treated["losses"])
    assert torch.equal(treated["state"], controls[net]["state"])  # nothing was drawn from the script's own stream
    assert not injection.errors or treated["in_force"] is False


@pytest.mark.parametrize("name", REMEDIES)
def test_it_touches_what_it_says(name: str) -> None:
    remedy = REMEDIES[name]
    net = "lstm" if name == "forget-gate-bias" else "mlp"
    before, after = states(run(script(net, ""))[0]), None
    try:
        after = states(run(script(net, ""), [name])[0])
    except RemedyFailed:
        return
    if remedy.touches != "model":
        assert before["kinds"] == after["kinds"] and before["weights"].keys() == after["weights"].keys()
    if remedy.touches not in ("model", "weights"):
        assert all(torch.equal(v, after["weights"][k]) for k, v in before["weights"].items())
    if remedy.touches == "model" and name not in ("selu", "wider-layers", "narrower-layers"):  # their pages say that weights are new
        assert all(torch.equal(v, after["weights"][k]) for k, v in before["weights"].items() if k in after["weights"])
    if remedy.touches != "optimizer":
        assert before["optimizer"][:2] == after["optimizer"][:2]


@pytest.mark.parametrize("name", [n for n, r in REMEDIES.items() if r.touches in ("weights", "model")] + ["shuffle", "input-noise"])
def test_it_is_deterministic_and_follows_the_seed(name: str) -> None:
    net = "lstm" if name == "forget-gate-bias" else "mlp"
    try:
        one, two = (run(script(net), [name])[0] for _ in range(2))
    except Exception:
        return
    assert one["losses"] == two["losses"]


# --------------------------------------------------------------------------------------------------- what each page says

REGRESSION = """
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
X = torch.randn(512, 6)
y = (X @ torch.randn(6, 1)) * 30 + 400
loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
losses = []
m = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1){tail})
opt = torch.optim.SGD(m.parameters(), lr=1e-2)
for e in range(10):
    for a, b in loader:
        opt.zero_grad()
        loss = {loss}
        loss.backward()
        opt.step()
        losses.append(loss.item())
with torch.no_grad():
    r2 = 1 - float(((m(X).reshape(-1) - y.reshape(-1)) ** 2).mean() / y.var())
"""
