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
from torch.optim.optimizer import register_optimizer_step_pre_hook
from victims import DATA, DOUBLE_SOFTMAX, SQUARED_SOFTMAX, run

from unstuck import plugins
from unstuck.attach.injection import Injection, RemedyFailed
from unstuck.attach.surgery import CannotApply
from unstuck.records import ROOT_CAUSES, Facts, LossFacts, OptimizerFacts, Place, TargetFacts, Text

REMEDIES = plugins.remedies()
#: Root causes that no change of a running script can cure: the data themselves are wrong, and only their owner can mend them.
WITHOUT_REMEDY = {"leakage"}


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


@pytest.mark.slow
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("name", REMEDIES)
def test_on_four_nets(name: str, net: str, controls: dict[str, dict[str, Any]]) -> None:
    try:
        treated, injection = run(script(net), [name])
    except (RemedyFailed, CannotApply) as refusal:  # at once, or when the first batch shows it
        assert len(str(refusal)) > len(name) + 10 and str(refusal).endswith((".", ")"))
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


def trained(body: str) -> str:
    """A script of its own kind that goes through the data once or more."""
    return DATA + body


LOOP = """
for x, y in loader:
    opt.zero_grad()
    F.cross_entropy(m(x), y).backward()
    opt.step()
"""
MLP = NETS["mlp"] + "opt = torch.optim.SGD(m.parameters(), lr=.1, momentum=.9, weight_decay=.01)\n"


def treated(body: str, *names: str, **settings: Any) -> dict[str, Any]:
    """Variables of a script at its end; the remedies held."""
    variables, injection = run(trained(body), names, **settings)
    assert variables["in_force"] is not False, injection.errors
    return variables


def test_targets_are_learnt_in_their_own_units() -> None:
    for loss in ("F.mse_loss(m(a), b)", "((m(a) - b) ** 2).mean()"):
        text = REGRESSION.replace("{loss}", loss).replace("{tail}", "")
        control, healed = run(text)[0]["r2"], run(text, ["standardise-targets"])[0]
        assert not control > 0.2 and healed["r2"] > 0.8 and healed["in_force"]


def test_targets_of_a_full_batch_come_from_the_watched_range() -> None:
    text = (
        REGRESSION.replace("for a, b in loader:", "for a, b in [(X, y)] * 20:")
        .replace("{loss}", "F.mse_loss(m(a), b)")
        .replace("{tail}", "")
    )
    facts = Facts(target=TargetFacts(kind="real", minimum=300.0, maximum=500.0), loss=LossFacts(kind="mse"), models=("Sequential",))
    assert run(text, ["standardise-targets"], facts=facts)[0]["r2"] > 0.5
    with pytest.raises(Exception, match="targets were not seen"):
        run(text, ["standardise-targets"])


def test_an_activation_on_a_regression_output_is_removed() -> None:
    text = (
        REGRESSION.replace("* 30 + 400", "")
        .replace("{loss}", "F.mse_loss(m(a), b)")
        .replace("{tail}", ", nn.ReLU()")
        .replace("lr=1e-2", "lr=.05")
    )
    control, healed = run(text)[0]["r2"], run(text, ["linear-output"])[0]
    assert healed["r2"] > 0.9 > control and healed["in_force"]


@pytest.mark.parametrize(
    "loss",
    [
        "F.mse_loss(m(a), b.squeeze(1))",
        "((m(a) - b.squeeze(1)) ** 2).mean()",
        "(b.squeeze(1) - m(a)).abs().mean()",
        "torch.sub(m(a).squeeze(1), b).pow(2).mean()",
        "m(a).squeeze(1).sub(b).pow(2).mean()",
    ],
)
def test_targets_of_another_shape_are_no_longer_broadcast(loss: str) -> None:
    text = REGRESSION.replace("* 30 + 400", "").replace("{tail}", "").replace("lr=1e-2", "lr=.05")
    text = text.replace("{loss}", loss).replace("losses = []", "losses = []; import warnings; warnings.simplefilter('ignore')")
    control, healed = run(text)[0]["r2"], run(text, ["match-target-shape"])[0]
    assert healed["r2"] > 0.9 > 0.2 > control and healed["in_force"]


def test_differences_of_one_shape_and_of_pairs_stay_what_they_are() -> None:
    text = REGRESSION.replace("* 30 + 400", "").replace("{tail}", "")
    text = text.replace("{loss}", "((m(a) - b) ** 2).mean() + ((m(a) - m(a).squeeze(1)) ** 2).mean() + (m(a) - b.T).abs().mean()")
    one, other = run(text)[0], run(text, ["match-target-shape"])[0]
    assert one["losses"] == other["losses"] and other["in_force"] is False


def test_sigmoid_before_bce_with_logits() -> None:
    body = "m = nn.Sequential(nn.Linear(20, 1), nn.Sigmoid())\nopt = torch.optim.SGD(m.parameters(), lr=.5)\n"
    body += LOOP.replace("F.cross_entropy(m(x), y)", "F.binary_cross_entropy_with_logits(m(x).squeeze(1), y.float())")
    body += "probability = m(X).squeeze(1); fit = F.binary_cross_entropy(probability, Y.float()).item()"
    assert treated(body, "remove-sigmoid")["fit"] < run(trained(body))[0]["fit"] - 0.03


def test_rare_classes_are_found_with_class_weights() -> None:
    body = "keep = (Y == 0) | (torch.arange(len(Y)) % 20 == 0); X, Y = X[keep], Y[keep]\n"
    body += (
        "X = X + .8 * torch.randn(X.shape)\nloader = DataLoader(TensorDataset(X, Y), batch_size=64, shuffle=True)\n"
        + MLP.replace("Sigmoid", "ReLU")
        + "for e in range(2):\n"
    )
    body += LOOP.replace("\n", "\n    ")
    for end, loss in (("m(X).argmax(1)", None), ("(m(X)[:, 1] > 0).long()", "F.binary_cross_entropy_with_logits(m(x)[:, 1], y.float())")):
        text = (body.replace("F.cross_entropy(m(x), y)", loss) if loss else body) + f"\nfound = float(({end})[Y == 1].float().mean())"
        assert treated(text, "class-weights")["found"] > run(trained(text))[0]["found"] + 0.3


def test_sorted_samples_are_shuffled_for_training_only() -> None:
    body = "o = Y.argsort(); X, Y = X[o], Y[o]; loader = DataLoader(TensorDataset(X, Y), batch_size=64)\n" + MLP
    body += "for e in range(2):\n    m.train()\n" + LOOP.replace("\n", "\n    ").replace(
        "opt.step()", "opt.step(); order.append(y.float().mean().item())"
    )
    body += "\n    m.eval()\n    with torch.no_grad():\n        seen = [y.float().mean().item() for _, y in DataLoader(TensorDataset(X, Y), batch_size=64)]"
    variables = treated(body, "shuffle")
    assert all(0.2 < share < 0.8 for share in variables["order"]) and variables["order"][:16] != variables["order"][16:]
    assert variables["seen"][0] == 0 and variables["seen"][-1] == 1


@pytest.mark.parametrize(("name", "size", "rate"), [("larger-batch", 256, 0.4), ("smaller-batch", 16, 0.025)])
def test_batch_size_with_the_rate_scaled(name: str, size: int, rate: float) -> None:
    body = MLP + "loader = DataLoader(TensorDataset(X, Y), 64, True)\nvalidation = DataLoader(TensorDataset(X, Y), batch_size=128)\n"
    body += LOOP.replace("opt.step()", "opt.step(); order.append((len(x), opt.param_groups[0]['lr']))")
    seen: list[float] = []
    handle = register_optimizer_step_pre_hook(lambda o, a, k: seen.append(o.param_groups[0]["lr"]))
    # The loader of `DATA` is the first one with shuffle=True, as a training loader is.
    variables = treated(body, name)
    handle.remove()
    assert variables["order"][0] == (size, 0.1) and seen[0] == pytest.approx(rate)
    assert variables["validation"].batch_size == 128


def test_four_batches_make_one_step() -> None:
    body = "m = nn.Linear(20, 2)\nopt = torch.optim.SGD(m.parameters(), lr=.1)\nstart = m.weight.detach().clone()\n"
    loop = "for x, y in {batches}:\n    opt.zero_grad()\n    F.cross_entropy(m(x), y).backward()\n    opt.step()\n"
    four = body + loop.replace("{batches}", "[(X[i:i + 16], Y[i:i + 16]) for i in range(0, 64, 16)]")
    one = body + loop.replace("{batches}", "[(X[:64], Y[:64])]")
    assert torch.allclose(treated(four, "gradient-accumulation")["m"].weight, run(trained(one))[0]["m"].weight, atol=1e-7)


def test_rates_of_warm_up_and_decay() -> None:
    for name, first, last in (("warm-up", 0.1 / 20, 0.08), ("lr-decay", 0.1, 0.1 * (0.01 + 0.99 * (1 + math.cos(math.pi * 15 / 200)) / 2))):
        seen: list[float] = []
        handle = register_optimizer_step_pre_hook(lambda o, a, k, seen=seen: seen.append(o.param_groups[0]["lr"]))
        treated(MLP + LOOP, name)
        handle.remove()
        assert (seen[0], seen[-1]) == (pytest.approx(first), pytest.approx(last))


def test_settings_hold_during_the_step_only() -> None:
    wanted = {
        "no-momentum": ("momentum", 0.0),
        "usual-momentum": ("momentum", 0.9),
        "no-weight-decay": ("weight_decay", 0.0),
        "weight-decay": ("weight_decay", 0.1),
    }
    for name, (key, value) in wanted.items():
        seen: list[float] = []
        handle = register_optimizer_step_pre_hook(lambda o, a, k, seen=seen, key=key: seen.append(o.param_groups[0][key]))
        variables = treated(MLP + LOOP, name)
        handle.remove()
        assert len(set(seen)) == 1 and seen[0] == pytest.approx(value) and variables["opt"].param_groups[0][key] in (0.9, 0.01)


@pytest.mark.parametrize(
    ("name", "kind", "lr"), [("adam", "Adam", 1e-3), ("adamw", "AdamW", 1e-3), ("sgd", "SGD", 0.1), ("momentum", "SGD", 0.01)]
)
@pytest.mark.parametrize("source", ["Adagrad", "RMSprop", "Adam", "SGD"])
def test_another_optimizer(name: str, kind: str, lr: float, source: str) -> None:
    body = (
        NETS["mlp"] + f"opt = torch.optim.{source}([{{'params': m[0].parameters()}}, {{'params': m[2:].parameters(), 'lr': .02}}], lr=.2)\n"
    )
    body += "sched = torch.optim.lr_scheduler.StepLR(opt, 100)\n" + LOOP + "    sched.step()\n"
    opt = treated(body, name)["opt"]
    rates = [g["lr"] for g in opt.param_groups]
    assert type(opt).__name__ == kind
    assert rates == (pytest.approx([0.2, 0.02]) if source == kind == "SGD" else pytest.approx([lr, lr / 10]))


def test_an_optimizer_that_is_not_torchs_own_is_refused() -> None:
    body = MLP.replace("torch.optim.SGD", "Mine").replace("m = nn", "class Mine(torch.optim.SGD):\n    pass\nm = nn")
    with pytest.raises(RemedyFailed, match="Mine is not one of torch's plain optimizers"):
        run(trained(body), ["adam"])


def test_biases_are_exempt_from_decay() -> None:
    groups = treated(MLP + LOOP, "decay-exempt")["opt"].param_groups
    assert [(len(g["params"]), g["weight_decay"]) for g in groups] == [(3, 0.01), (3, 0.0)]


def test_l1_gives_exact_zeros() -> None:
    body = "m = nn.Linear(20, 2)\nX[:, 10:] = 0\nopt = torch.optim.SGD(m.parameters(), lr=5.)\nfor e in range(5):\n" + LOOP.replace(
        "\n", "\n    "
    )
    body += "\nzeros = int((m.weight[:, 10:] == 0).sum())"
    assert treated(body, "l1-proximal")["zeros"] == 20 and run(trained(body))[0]["zeros"] == 0


def test_clipping_is_gone() -> None:
    body = MLP + LOOP.replace(
        "opt.step()", "norm = nn.utils.clip_grad_norm_(m.parameters(), 1e-6); nn.utils.clip_grad_value_(m.parameters(), 1e-9); opt.step()"
    )
    body += "norm = float(norm); left = float(torch.stack([p.grad.norm() for p in m.parameters()]).norm())"
    assert (
        treated(body, "no-clipping")["left"] == pytest.approx(treated(body, "no-clipping")["norm"]) and run(trained(body))[0]["left"] < 1e-5
    )


def test_frozen_and_forgotten_parameters_are_trained() -> None:
    body = (
        NETS["mlp"]
        + "m[0].requires_grad_(False)\nopt = torch.optim.SGD(m[4].parameters(), lr=.1)\nold = {k: v.clone() for k, v in m.state_dict().items()}\n"
    )
    body += LOOP + "moved = [k for k, v in m.state_dict().items() if not torch.equal(v, old[k])]"
    assert run(trained(body))[0]["moved"] == ["4.weight", "4.bias"]
    assert len(treated(body, "train-all-parameters")["moved"]) == 6


MODES = """
m = nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.Dropout(.5), nn.Linear(32, 2))
opt = torch.optim.SGD(m.parameters(), lr=.1)
modes = {True: [], False: []}
m[0].register_forward_hook(lambda *_: modes[torch.is_grad_enabled()].append(m.training and m[2].training))
for e in range(2):
"""
VALIDATE = "\n    with torch.no_grad():\n        F.cross_entropy(m(X), Y)\n    {after}"


def test_modes_are_put_right() -> None:
    forgot_train = MODES + LOOP.replace("\n", "\n    ") + VALIDATE.replace("with", "m.eval()\n    with").replace("{after}", "pass")
    variables = treated(forgot_train, "train-mode")
    assert variables["modes"][True].count(False) == 1 and not any(variables["modes"][False])
    forgot_eval = MODES + LOOP.replace("\n", "\n    ") + VALIDATE.replace("{after}", "last = m.training and m[1].training")
    variables = treated(forgot_eval, "eval-mode")
    assert all(variables["modes"][True]) and not any(variables["modes"][False]) and variables["last"]


SHARP = """
class Sharp(nn.Module):
    def forward(s, x):
        return torch.tanh(20 * x)
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.act, s.b, s.c, s.d = nn.Linear(20, 32), Sharp(), nn.Linear(32, 32), nn.Linear(32, 32), nn.Linear(32, 2)
        s.flat, s.relu = nn.Tanh(), nn.ReLU()
    def forward(s, x):
        h = s.act(s.a(x))
        h = s.flat(8 * s.b(h))
        return s.d(s.relu({last}))
m = N()
opt = torch.optim.SGD(m.parameters(), lr=.1)
"""


@pytest.mark.parametrize("last", ["30 * s.c(h)", "torch.tanh(9 * s.c(h)) * torch.sigmoid(9 * s.b(h))"])
def test_what_enters_an_activation_with_flat_ends_is_divided_by_its_spread(last: str) -> None:
    body = SHARP.replace("{last}", last) + LOOP
    body += "seen = []; m.act.register_forward_hook(lambda mod, a, out: seen.append(out)); m(X); flat = float((seen[0].abs() > .99).float().mean())"
    assert run(trained(body))[0]["flat"] > 0.5 > 0.1 > treated(body, "scale-preactivations")["flat"]


def test_a_spread_below_one_stays_what_it_is() -> None:
    body = MLP + LOOP + "weights = [p.detach().clone() for p in m.parameters()]"
    plain, divided = run(trained(body))[0]["weights"], treated(body, "scale-preactivations")["weights"]
    assert all(torch.equal(a, b) for a, b in zip(plain, divided, strict=True))


MARKS = """
X[torch.rand(len(X)) < .1, 0] = -9999.
X[torch.rand(len(X)) < .02, 1] = 4e5
X[5, 2] = float("nan")
X = X.clone(); X[:, 3] = (X[:, 3] > 1.5).float(); X[:, 4] = 7
loader = DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True)
"""


def test_marks_and_outliers_count_as_missing() -> None:
    seen = "seen = []; m[0].register_forward_pre_hook(lambda mod, a: seen.append(a[0])); m(X); x = seen[0]"
    x = treated(MARKS + MLP + LOOP + seen, "robust-inputs")["x"]
    assert torch.isfinite(x).all() and float(x.abs().max()) < 8 and float((x[:, 0] == 0).float().mean()) > 0.05
    assert x[:, 3].unique().numel() == 2 and not x[:, 4].any(), "a rare flag is no outlier, and what is constant is only centred"
    assert all(0.7 < float(column.std()) < 1.3 for column in x[:, 5:].T)
    assert run(trained(MLP + LOOP), ["robust-inputs"])[0]["in_force"] is False, "nothing was missing"


def test_a_model_in_the_place_of_another_one_is_trained_too() -> None:
    body = MLP + LOOP + NETS["mlp"] + "start = [p.detach().clone() for p in m.parameters()]" + LOOP
    body += "moved = [not torch.equal(a, p) for a, p in zip(start, m.parameters())]"
    assert not any(run(trained(body))[0]["moved"])
    assert all(treated(body, "train-all-parameters")["moved"])


def test_batches_of_the_loaders_default_size_are_resized() -> None:
    body = "loader = DataLoader(TensorDataset(X[:64], Y[:64]), shuffle=True)\n" + MLP + LOOP + "sizes = [len(x) for x, y in loader]"
    assert treated(body, "usual-batch", facts=Facts(batch_size=1))["sizes"] == [64]
    items = body.replace("X[:64], Y[:64]", "X[:64].reshape(4, 16, 20), Y[:64].reshape(4, 16)").replace("(m(x), y)", "(m(x[0]), y[0])")
    assert run(trained(items), ["usual-batch"], facts=Facts(batch_size=16))[0]["sizes"] == [1] * 4


def test_dropout_is_added_and_removed() -> None:
    body = MODES.replace("nn.BatchNorm1d(32), nn.Dropout(.5)", "nn.Dropout(.5), nn.Tanh()") + LOOP.replace("\n", "\n    ")
    removed = treated(body + "\nout = [m(X) for _ in range(2)]", "no-dropout")
    assert torch.equal(*removed["out"])
    added = treated(body + "\nm[1].p = 0\nout = [m(X) for _ in range(2)]; m.eval(); calm = [m(X) for _ in range(2)]", "dropout")
    assert not torch.equal(*added["out"]) and torch.equal(*added["calm"])


def test_noise_is_added_in_training_only() -> None:
    body = MLP + LOOP + "out = [m(X) for _ in range(2)]\nm.eval()\ncalm = [m(X) for _ in range(2)]"
    variables = treated(body, "input-noise")
    assert not torch.equal(*variables["out"]) and torch.equal(*variables["calm"])


def test_early_stopping_goes_back_to_the_best_weights() -> None:
    body = "m = nn.Linear(20, 2)\nopt = torch.optim.SGD(m.parameters(), lr=.5)\nscores = []\nfor e in range(9):\n"
    body += "    for x, y in loader:\n        opt.zero_grad(); F.cross_entropy(m(x), 1 - y if e > 2 else y).backward(); opt.step()\n"
    body += "    with torch.no_grad():\n        scores.append(F.cross_entropy(m(X), Y).item())\n"
    variables = treated(body, "early-stopping")
    assert variables["scores"][-1] == min(variables["scores"]) < run(trained(body))[0]["scores"][-1]


def test_widths_change_where_the_graph_allows() -> None:
    body = "m = nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.LayerNorm(16), nn.Tanh(), nn.Linear(16, 2))\n"
    body += "opt = torch.optim.Adam(m.parameters(), lr=.01)\n" + LOOP
    for name, widths in (("wider-layers", [64, 32]), ("narrower-layers", [16, 8])):
        m = treated(body, name)["m"]
        assert [m[0].out_features, m[3].out_features] == widths == [m[1].num_features, m[4].normalized_shape[0]]
    body = "X = X[:, :16].reshape(-1, 1, 4, 4); loader = DataLoader(TensorDataset(X, Y), batch_size=64)\n"
    body += "m = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 2), nn.Flatten(), nn.Linear(4, 2))\n"
    m = treated(body + "opt = torch.optim.SGD(m.parameters(), lr=.01)\n" + LOOP, "wider-layers")["m"]
    assert (m[0].out_channels, m[3].in_channels, m[3].out_channels) == (32, 32, 4)  # at least 32
    skip = "class N(nn.Module):\n    def __init__(s):\n        super().__init__(); s.a, s.b = nn.Linear(20, 20), nn.Linear(20, 2)\n"
    skip += "    def forward(s, x):\n        return s.b(s.a(x) + x)\nm = N()\nopt = torch.optim.SGD(m.parameters(), lr=.01)\n"
    with pytest.raises(RemedyFailed, match="width can be changed"):
        run(trained(skip), ["wider-layers"])


def test_starting_weights_have_the_variance_that_the_page_says() -> None:
    body = "m = nn.Sequential(nn.Linear(400, 300), nn.ReLU(), nn.Linear(300, 300), nn.ReLU(), nn.Linear(300, 2))\n"
    body += "opt = torch.optim.SGD(m.parameters(), lr=0.)\nout = m(torch.randn(256, 400))\nv = m[0].weight.var().item()\nb = m[2].bias.abs().sum().item()\n"
    for name, variance in (("he-init", 2 / 400), ("xavier-init", 2 / 700), ("selu", 1 / 400)):
        variables = treated(body, name)
        assert variables["v"] == pytest.approx(variance, rel=0.05) and variables["b"] == 0
    weight = treated(body, "orthogonal-init")["m"][2].weight.detach()
    assert torch.allclose(weight @ weight.T, 2 * torch.eye(300), atol=1e-4)
    assert treated(body, "lsuv-init")["out"].std().item() == pytest.approx(1.0, abs=0.1)


def test_tied_weights_are_left_alone() -> None:
    body = "class N(nn.Module):\n    def __init__(s):\n        super().__init__(); s.e, s.o = nn.Embedding(9, 4), nn.Linear(4, 9); s.o.weight = s.e.weight\n"
    body += "        s.h = nn.Linear(4, 4)\n    def forward(s, x):\n        return s.o(s.h(s.e(x)))\nm = N(); old = m.e.weight.detach().clone()\n"
    body += "opt = torch.optim.SGD(m.parameters(), lr=0.); m(torch.zeros(3).long())"
    variables = treated(body, "he-init")
    assert torch.equal(variables["old"], variables["m"].e.weight)


def test_forget_gates_open() -> None:
    variables = treated(NETS["lstm"] + "opt = torch.optim.SGD(m.parameters(), lr=.1)\nm(X[:2])", "forget-gate-bias")
    r = variables["m"].r
    assert set((r.bias_ih_l0 + r.bias_hh_l0).detach()[16:32].tolist()) == {2.0}


def test_batch_norm_bears_a_last_batch_of_one_and_group_norm_replaces_it() -> None:
    body = "loader = DataLoader(TensorDataset(X[:65], Y[:65]), batch_size=64)\n" + MLP + LOOP
    assert treated(body, "batch-norm")["m"][0]._unstuck_norm.num_batches_tracked == 1
    body = MLP.replace("nn.Sigmoid()", "nn.BatchNorm1d(32), nn.ReLU()", 1) + LOOP
    m = treated(body, "group-norm")["m"]
    assert [type(x).__name__ for x in m].count("GroupNorm") == 1 and not any("BatchNorm" in type(x).__name__ for x in m.modules())
    names = [type(x).__name__ for x in treated(body, "layer-norm")["m"].modules()]
    assert names.count("LayerNorm") == 1  # only behind the layer that has no norm


def test_missing_nonlinearity_is_inserted() -> None:
    body = "m = nn.Sequential(nn.Linear(20, 32), nn.Linear(32, 32), nn.Linear(32, 1))\nopt = torch.optim.Adam(m.parameters(), lr=.01)\nt = X[:, :1].abs()\n"
    body += (
        "for e in range(150):\n    opt.zero_grad(); loss = F.mse_loss(m(X), t); loss.backward(); opt.step()\nloss = float(loss.detach())"
    )
    assert treated(body, "insert-activation")["loss"] < 0.1 < 0.3 < run(trained(body))[0]["loss"]


def test_missing_values_become_the_mean() -> None:
    body = (
        "X[::7, 3] = float('nan'); X[::5, 2] = float('inf'); X[:, 4] = 5.\n"
        + MLP
        + LOOP.replace("opt.step()", "opt.step(); losses.append(1)")
    )
    body += "out = m(X)"
    assert treated(body, "standardise-inputs")["out"].isfinite().all()


def test_integer_inputs_are_refused_when_they_come() -> None:
    body = "m = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(80, 2))\nopt = torch.optim.SGD(m.parameters(), lr=.1)\nm((X > 0).long())\n"
    with pytest.raises(Exception, match="only batches of floating-point numbers"):
        run(trained(body), ["standardise-inputs"])


def test_losses_are_rewritten_in_training_only() -> None:
    for text, name in ((DOUBLE_SOFTMAX, "remove-softmax"), (SQUARED_SOFTMAX, "cross-entropy")):
        loss = "crit(m(X), Y)" if name == "remove-softmax" else "F.mse_loss(m(X), F.one_hot(Y, 2).float())"
        text += f"\nwith torch.no_grad():\n    seen = {loss}.item()\nplain = 0.\n"
        variables = run(text, [name], epochs=2)[0]
        p = variables["m"](variables["X"]).detach()
        one_hot = torch.nn.functional.one_hot(variables["Y"], 2).float()
        expected = torch.nn.functional.cross_entropy(p, variables["Y"]) if name == "remove-softmax" else ((p - one_hot) ** 2).mean()
        assert variables["seen"] == pytest.approx(float(expected), rel=1e-5)


def test_a_high_momentum_is_lowered_and_a_low_one_kept() -> None:
    for optimizer, key, value in (("SGD(m.parameters(), lr=.1, momentum=.99)", "momentum", 0.9), ("SGD(m.parameters(), lr=.1, momentum=.5)", "momentum", 0.5),
                                  ("Adam(m.parameters(), betas=(.99, .95))", "betas", (0.9, 0.95))):  # fmt: skip
        seen: list[Any] = []
        handle = register_optimizer_step_pre_hook(lambda o, a, k, seen=seen, key=key: seen.append(o.param_groups[0][key]))
        treated(NETS["mlp"] + f"opt = torch.optim.{optimizer}\n" + LOOP, "usual-momentum")
        handle.remove()
        assert set(seen) == {value}
    why = REMEDIES["usual-momentum"].precondition(Facts(optimizers=(OptimizerFacts(kind="SGD", settings={"lr": 0.1, "momentum": 0.9}),)))
    assert why is not None and "not above" in why.en


CLASSIFY = """
m = nn.Linear(20, 2)
opt = torch.optim.SGD(m.parameters(), lr=.1)
for x, y in loader:
    opt.zero_grad()
    out = {head}
    loss = {loss}
    loss.backward()
    opt.step()
with torch.no_grad():
    alone = {alone}
"""


def test_a_softmax_over_the_batch_runs_over_the_classes_also_in_validation() -> None:
    for head in ("F.log_softmax(m(x), dim=0)", "nn.LogSoftmax(0)(m(x))", "m(x).log_softmax(0)", "torch.log_softmax(m(x), -2)"):
        body = CLASSIFY.format(head=head, loss="F.nll_loss(out, y)", alone="F.log_softmax(m(X[:1]), dim=0)")
        variables = treated(body, "softmax-over-classes")
        assert torch.allclose(variables["out"].exp().sum(1), torch.ones(64), atol=1e-5)
        assert torch.allclose(variables["alone"], variables["m"](variables["X"][:1]).log_softmax(1), atol=1e-6)
    other = CLASSIFY.format(head="F.log_softmax(m(x), dim=1)", loss="F.nll_loss(out, y)", alone="0")
    assert run(trained(other), ["softmax-over-classes"])[0]["in_force"] is False


def test_one_output_gets_a_sigmoid() -> None:
    body = CLASSIFY.replace("Linear(20, 2)", "Linear(20, 1)").format(
        head="nn.Softmax(dim=1)(m(x))", loss="F.binary_cross_entropy(out, y[:, None].float())", alone="F.softmax(m(X[:3]), -1)"
    )
    variables = treated(body, "sigmoid-for-softmax")
    assert float(variables["out"].detach().std()) > 0 and torch.allclose(
        variables["alone"], torch.sigmoid(variables["m"](variables["X"][:3]))
    )
    assert float(run(trained(body))[0]["out"].detach().std()) == 0


def test_scores_become_log_probabilities() -> None:
    logits = "F.one_hot(y, 2).float()"
    for loss, expected in (
        ("F.nll_loss(out, y)", lambda z, y, onehot: torch.nn.functional.cross_entropy(z, y)),
        ("F.kl_div(out.softmax(1), " + logits + ", reduction='batchmean')", lambda z, y, onehot: torch.nn.functional.cross_entropy(z, y)),
    ):
        body = CLASSIFY.format(head="m(x)", loss=loss, alone="0")
        variables = treated(body, "log-probabilities")
        z, y = variables["out"].detach(), variables["y"]
        assert variables["loss"].item() == pytest.approx(float(expected(z, y, None)), rel=1e-4)
    right = CLASSIFY.format(head="m(x).log_softmax(1)", loss="F.nll_loss(out, y)", alone="0")
    assert run(trained(right), ["log-probabilities"])[0]["in_force"] is False


def test_bare_matrices_that_are_alike_get_new_values() -> None:
    body = """
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.b = nn.Parameter(torch.zeros(20, 16)), nn.Parameter(torch.ones(16, 2))
        s.kept = nn.Parameter(torch.randn(16, 16))
        s.bias = nn.Parameter(torch.zeros(16))
    def forward(s, x):
        return torch.tanh(torch.tanh(x @ s.a + s.bias) @ s.kept) @ s.b
m = N()
before = m.kept.detach().clone()
opt = torch.optim.SGD(m.parameters(), lr=0.)
"""
    for name in ("he-init", "xavier-init", "orthogonal-init"):
        variables = treated(body + LOOP, name)
        m = variables["m"]
        assert float(m.a.detach().std(0).min()) > 0 and float(m.b.detach().std(1).min()) > 0
        assert torch.equal(m.kept, variables["before"]) and not m.bias.any()
    assert float(treated(body + LOOP, "he-init")["m"].a.detach().var()) == pytest.approx(2 / 20, rel=0.3), "inputs are the rows"


def test_in_force_needs_a_change() -> None:
    """Remedies that found nothing to do say so: such an arm is not a treated one."""
    idle = ("remove-softmax", "remove-sigmoid", "match-target-shape", "cross-entropy", "train-mode", "no-dropout")
    for name in idle:
        assert run(trained(MLP + LOOP), [name])[0]["in_force"] is False


def test_injection_sorts_structure_before_weights() -> None:
    chosen = [REMEDIES[n] for n in ("he-init", "lower-lr", "relu", "wider-layers")]
    assert [r.id for r in Injection(chosen, None, 0).remedies] == ["relu", "wider-layers", "he-init", "lower-lr"]


def test_a_stream_in_class_order_is_shuffled() -> None:
    body = """
class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        yield from sorted(zip(X, Y), key=lambda row: int(row[1]))
loader = DataLoader(Stream(), batch_size=64)
"""
    body += MLP + "m.train()\n" + LOOP.replace("opt.step()", "opt.step(); order.append(y.float().mean().item()); losses.append(len(y))")
    assert run(trained(body))[0]["order"][:4] == [0, 0, 0, 0]
    variables = treated(body, "shuffle")
    assert all(0.2 < share < 0.8 for share in variables["order"]) and sum(variables["losses"]) == 1024


def test_single_samples_of_a_loader_become_batches() -> None:
    body = "loader = DataLoader(TensorDataset(X, Y), batch_size=1, shuffle=True)\n" + MLP
    body += LOOP.replace("opt.step()", "opt.step(); order.append(len(x))")
    variables, injection = run(trained(body), ["usual-batch"], facts=Facts(batch_size=1))
    assert variables["in_force"] is not False, injection.errors
    assert set(variables["order"]) == {64} and variables["opt"].param_groups[0]["lr"] == 0.1


def test_a_linear_model_learns_with_a_hidden_layer() -> None:
    body = "m = nn.Sequential(nn.Linear(20, 1))\nopt = torch.optim.Adam(m.parameters(), lr=.01)\nt = X[:, :1].abs()\n"
    body += (
        "for e in range(150):\n    opt.zero_grad(); loss = F.mse_loss(m(X), t); loss.backward(); opt.step()\nloss = float(loss.detach())"
    )
    assert treated(body, "hidden-layer")["loss"] < 0.1 < 0.3 < run(trained(body))[0]["loss"]


def test_running_statistics_follow_the_batches() -> None:
    body = MLP.replace("nn.Sigmoid()", "nn.BatchNorm1d(32, momentum=0.9999), nn.ReLU(), nn.BatchNorm1d(32)", 1) + LOOP
    m = treated(body, "norm-momentum")["m"]
    assert [x.momentum for x in m if isinstance(x, torch.nn.BatchNorm1d)] == [0.1, 0.1]
    with pytest.raises(RemedyFailed, match="usual momentum"):
        treated(body.replace("momentum=0.9999", "momentum=0.05"), "norm-momentum")


FACTORS = """
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.u, s.i, s.b = nn.Embedding(30, 4, padding_idx=0), nn.Embedding(20, 4), nn.Embedding(20, 1)
        s.o = nn.Linear(4, 4)
        nn.init.constant_(s.u.weight, 0.1); nn.init.constant_(s.i.weight, 0.1); nn.init.zeros_(s.b.weight)
    def forward(s, u, i):
        return (s.o(s.u(u)) * s.i(i)).sum(1) + s.b(i).squeeze(1)
m = N()
first = m.o.weight.detach().clone()
opt = torch.optim.SGD(m.parameters(), lr=0.0)
u, i = torch.arange(30), torch.arange(30) % 20
for e in range(2):
    opt.zero_grad(); loss = m(u, i).pow(2).mean(); loss.backward(); opt.step()
"""


def test_only_weights_that_are_alike_are_drawn_anew() -> None:
    found = treated(FACTORS, "break-symmetry")
    m, first = found["m"], found["first"]
    assert torch.equal(m.o.weight, first) and not m.b.weight.any(), "drawn at random already; a column of biases has no units"
    assert (
        (m.u.weight[0] == 0.1).all()
        and float(m.u.weight[1:].detach().std()) == pytest.approx(0.5, rel=0.3)
        and float(m.i.weight.detach().std()) > 0.3
    )
    with pytest.raises(RemedyFailed, match="all alike"):
        treated(MLP + LOOP, "break-symmetry")


EMPTY = """
def attend(rows):
    s = torch.zeros(2, 3, requires_grad=True)
    masked = s.masked_fill(torch.tensor([[True, False, False], [True, True, True]]), {inf})
    return torch.where(torch.zeros(2, 3) < 1, masked, -1.0).softmax(1)
p = attend(X)
"""


def test_a_row_that_is_masked_from_end_to_end_stays_finite() -> None:
    script = EMPTY.format(inf='float("-inf")') + MLP + LOOP
    assert run(trained(script))[0]["p"][1].isnan().all()
    p = treated(script, "finite-masks")["p"]
    assert torch.allclose(p, torch.tensor([[0, 0.5, 0.5], [1 / 3] * 3])), "and the other row is what it was"
    again = treated(script.replace('float("-inf")', "value=-torch.inf"), "finite-masks")["p"]
    assert torch.equal(p, again)


BARE = """
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.w, s.v, s.z = nn.Parameter(torch.randn(20, 32)), nn.Parameter(torch.randn(32, 32) / 32 ** 0.5), nn.Parameter(torch.zeros(32, 32))
        s.o = nn.Linear(32, 2)
        nn.init.normal_(s.o.weight)
    def forward(s, x):
        return s.o(torch.tanh(x @ s.w @ (s.v + s.z)))
m = N()
first = {k: p.detach().clone() for k, p in m.named_parameters()}
opt = torch.optim.SGD(m.parameters(), lr=0.0)
"""


def test_bare_matrices_that_are_far_off_are_rescaled() -> None:
    found = treated(BARE + LOOP, "rescale-weights")
    m, first = found["m"], found["first"]
    assert float(m.w.detach().std()) == pytest.approx((2 / 52) ** 0.5, rel=1e-3)
    assert torch.allclose(m.w / m.w.norm(), first["w"] / first["w"].norm(), atol=1e-6), "what was drawn stays"
    assert all(torch.equal(p, first[k]) for k, p in m.named_parameters() if k != "w")
    with pytest.raises(RemedyFailed, match="usual scale"):
        treated(BARE.replace("torch.randn(20, 32)", "torch.randn(20, 32) / 5") + LOOP, "rescale-weights")
