"""Scripts without an optimizer, or without a module: what is seen of their steps, and that healthy ones stay without a finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unstuck.attach.descent import fit
from unstuck.attach.variables import Variables, search
from unstuck.diagnosis import diagnose
from unstuck.recorder import Recorder
from unstuck.records import Trace
from unstuck.store import load

pytestmark = pytest.mark.filterwarnings("ignore")

State = list[torch.Tensor]
W1: torch.Tensor
PARAMS: dict[str, torch.Tensor] = {}


def data(n: int = 600) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(n, 10, generator=generator)
    return x, (x[:, 0] + x[:, 1] * x[:, 2] > 0).long()


def weights() -> State:
    torch.manual_seed(0)
    return [
        (torch.randn(10, 32) / 10**0.5).requires_grad_(),
        torch.zeros(32).requires_grad_(),
        (torch.randn(32, 2) / 32**0.5).requires_grad_(),
    ]


def answers(w: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    return torch.relu(x @ w[0] + w[1]) @ w[2]


def batches(steps: int, rows: int = 40) -> list[tuple[torch.Tensor, torch.Tensor]]:
    x, y = data()
    torch.manual_seed(1)
    return [(x[i], y[i]) for i in (torch.randint(0, len(x), (rows,)) for _ in range(steps))]


def by_hand(change: Callable[[int, torch.Tensor, torch.Tensor], None], steps: int = 300, clear: bool = True) -> State:
    w = weights()
    for x, y in batches(steps):
        F.cross_entropy(answers(w, x), y).backward()
        with torch.no_grad():
            for i, p in enumerate(w):
                assert p.grad is not None
                change(i, p, p.grad)
                if clear:
                    p.grad = None
    return w


def sgd() -> State:
    return by_hand(lambda i, p, g: p.sub_(0.1 * g))


def sgd_through_data() -> State:
    return by_hand(lambda i, p, g: p.data.add_(g, alpha=-0.1))


def not_cleared() -> State:
    return by_hand(lambda i, p, g: p.sub_(0.1 * g), clear=False)


def momentum() -> State:
    velocity = [torch.zeros_like(p) for p in weights()]

    def change(i: int, p: torch.Tensor, g: torch.Tensor) -> None:
        velocity[i] = 0.9 * velocity[i] + g
        p -= 0.02 * velocity[i]

    return by_hand(change)


def decayed() -> State:
    return by_hand(lambda i, p, g: p.sub_(0.1 * (g + 0.01 * p)))


def adam() -> State:
    first, second, count = [torch.zeros_like(p) for p in weights()], [torch.zeros_like(p) for p in weights()], [0, 0, 0]

    def change(i: int, p: torch.Tensor, g: torch.Tensor) -> None:
        count[i] += 1
        first[i] = 0.9 * first[i] + 0.1 * g
        second[i] = 0.999 * second[i] + 0.001 * g * g
        p -= 0.01 * (first[i] / (1 - 0.9 ** count[i])) / ((second[i] / (1 - 0.999 ** count[i])).sqrt() + 1e-8)

    return by_hand(change)


def new_tensors() -> State:
    w = weights()
    for x, y in batches(300):
        F.cross_entropy(answers(w, x), y).backward()
        w = [(p - 0.1 * p.grad).detach().requires_grad_() for p in w]  # type: ignore[operator]
    return w


def accumulated() -> State:
    w = weights()
    for k, (x, y) in enumerate(batches(800, 10)):
        (F.cross_entropy(answers(w, x), y) / 4).backward()
        if k % 4 == 3:
            with torch.no_grad():
                for p in w:
                    assert p.grad is not None
                    p -= 0.2 * p.grad
                    p.grad.zero_()
    return w


def asked() -> State:
    w = weights()
    for x, y in batches(300):
        found = torch.autograd.grad(F.cross_entropy(answers(w, x), y), w)
        with torch.no_grad():
            for p, g in zip(w, found, strict=True):
                p -= 0.1 * g
    return w


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))


def func_grad() -> State:
    net = network()
    theta = {name: p.detach().clone() for name, p in net.named_parameters()}

    def objective(theta: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(torch.func.functional_call(net, theta, (x,)), y)

    for x, y in batches(300):
        slope = torch.func.grad(objective)(theta, x, y)
        theta = {name: p - 0.2 * slope[name] for name, p in theta.items()}
    return list(theta.values())


def func_of_bare_tensors() -> State:
    w = [p.detach() for p in weights()]
    for x, y in batches(300):
        slope, _ = torch.func.grad_and_value(lambda w, x, y: ((z := F.cross_entropy(answers(w, x), y)), z.detach()), has_aux=True)(w, x, y)
        w = [p - 0.2 * g for p, g in zip(w, slope, strict=True)]
    return w


def per_sample() -> State:
    """`vmap` over gradients: nothing can be seen, and nothing may break."""
    w = [p.detach() for p in weights()]
    each = torch.func.vmap(torch.func.grad(lambda w, x, y: F.cross_entropy(answers(w, x[None]), y[None])), in_dims=(None, 0, 0))
    for x, y in batches(30):
        w = [p - 0.2 * g.mean(0) for p, g in zip(w, each(w, x, y), strict=True)]
    return w


def functional_call() -> State:
    net = network()
    theta = {name: p.detach().clone().requires_grad_() for name, p in net.named_parameters()}
    optimizer = torch.optim.SGD(theta.values(), lr=0.1, momentum=0.9)
    for x, y in batches(300):
        optimizer.zero_grad()
        F.cross_entropy(torch.func.functional_call(net, theta, (x,)), y).backward()
        optimizer.step()
    return list(theta.values())


HEALTHY = (
    sgd,
    sgd_through_data,
    momentum,
    decayed,
    adam,
    new_tensors,
    accumulated,
    asked,
    func_grad,
    func_of_bare_tensors,
    functional_call,
)


def watched(run: Callable[[], State], path: Path, budget: float | None = None) -> tuple[State, Trace]:
    recorder = Recorder(path / "t.trace", budget=budget)
    recorder.start()
    try:
        final = run()
    finally:
        recorder.stop("finished")
    trace = load(path / "t.trace")
    assert not trace.facts.disarmed, trace.facts.disarmed
    return final, trace


@pytest.mark.slow
@pytest.mark.parametrize("run", [*HEALTHY, not_cleared, per_sample], ids=lambda r: r.__name__)
@pytest.mark.parametrize("budget", [None, 0.02])
def test_bits_are_the_same(run: Callable[[], State], budget: float | None, tmp_path: Path) -> None:
    bare = run()
    final, _ = watched(run, tmp_path, budget)
    assert all(torch.equal(a, b) for a, b in zip(bare, final, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("run", HEALTHY, ids=lambda r: r.__name__)
def test_a_healthy_loop_stays_without_a_finding(run: Callable[[], State], tmp_path: Path) -> None:
    for budget in (None, 0.02):
        _, trace = watched(run, tmp_path, budget)
        assert [f.rule for f in diagnose(trace).findings] == []
        assert trace.facts.steps >= 300 and {"update.ratio", "parameter.norm", "gradient.total_norm"} <= trace.names()


def settings(trace: Trace) -> dict[str, float | bool | None]:
    assert len(trace.facts.optimizers) == 1 and trace.facts.optimizers[0].by_hand
    return dict(trace.facts.optimizers[0].settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "lr", "beta", "decay"),
    [
        (sgd, 0.1, 0, 0), (sgd_through_data, 0.1, 0, 0), (not_cleared, 0.1, 0, 0), (momentum, 0.02, 0.9, 0), (decayed, 0.1, 0, 0.01),
        (new_tensors, 0.1, 0, 0), (accumulated, 0.2, 0, 0), (asked, 0.1, 0, 0), (func_grad, 0.2, 0, 0), (func_of_bare_tensors, 0.2, 0, 0),
    ],
)  # fmt: skip
def test_the_settings_of_the_steps_are_measured(run: Callable[[], State], lr: float, beta: float, decay: float, tmp_path: Path) -> None:
    _, trace = watched(run, tmp_path)
    found = settings(trace)
    assert found["lr"] == pytest.approx(lr, rel=1e-3)
    assert found["momentum"] == pytest.approx(beta, abs=1e-3) and found["weight_decay"] == pytest.approx(decay, abs=1e-4)
    rate = trace.signal("lr.value")
    assert rate is not None and np.allclose(rate.values, lr, rtol=1e-2)


def test_steps_of_another_kind_have_no_rate(tmp_path: Path) -> None:
    _, trace = watched(adam, tmp_path)
    assert not trace.facts.optimizers and trace.signal("lr.value") is None
    assert [b.what for b in trace.facts.blind] == ["learning rate"]


@pytest.mark.slow
def test_gradients_that_are_left_over(tmp_path: Path) -> None:
    _, trace = watched(not_cleared, tmp_path)
    assert diagnose(trace).findings[0].root_cause == "missing-zero-grad"
    for run in (sgd, accumulated, sgd_through_data, asked):
        left = watched(run, tmp_path)[1].signal("gradient.leftover_ratio")
        assert left is not None and not left.values.any()


def test_what_cannot_be_seen_is_said(tmp_path: Path) -> None:
    _, trace = watched(func_grad, tmp_path)
    assert [b.what for b in trace.facts.blind] == ["gradients at the layers"]
    assert {"activation.std", "training.accuracy", "input.std"} <= trace.names()
    assert {p.name for p in trace.facts.places} >= {"model.0", "model.0.weight", "model.2.bias"}
    _, trace = watched(per_sample, tmp_path)
    assert trace.facts.steps == 0


def test_names_are_those_of_the_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Net:
        def __init__(self, w: State) -> None:
            self.layers = w

    w = weights()
    monkeypatch.setitem(globals(), "W1", w[0])
    monkeypatch.setitem(globals(), "PARAMS", {"b": w[1]})
    monkeypatch.setitem(globals(), "NET", Net(w[2:]))
    found = search({id(t) for t in w})
    assert [found[id(t)][0] for t in w] == ["W1", "PARAMS['b']", "NET.layers[0]"]
    site = found[id(w[1])][1]
    assert site is not None and Path(site[0]).name == "test_by_hand.py"
    assert Path(site[0]).read_text().splitlines()[site[1] - 1].startswith("PARAMS")


def test_a_tensor_without_a_variable_has_a_number() -> None:
    variables, tensors = Variables(), weights()
    variables.learn(tensors)
    assert [known[0] for t in tensors if (known := variables.of(t))] == ["parameter0", "parameter1", "parameter2"]
    other = torch.zeros(3)
    assert variables.of(other) is None
    variables.pass_on("parameter1", other)
    assert variables.of(other) == ("parameter1", None) and variables.of(tensors[1]) is None


def test_layers_of_functions_are_told_apart(tmp_path: Path) -> None:
    """Ten products in one line of a loop are ten layers where their weights are ten, and one through time where they are the same."""

    def run(shared: bool) -> State:
        torch.manual_seed(0)
        w = [(torch.randn(8, 8) / 3).requires_grad_() for _ in range(1 if shared else 6)]
        head = torch.randn(8, 2).requires_grad_()
        for _ in range(12):
            x = torch.randn(16, 8)
            for k in range(6):
                x = torch.sigmoid(x @ w[0 if shared else k])
            F.cross_entropy(x @ head, torch.arange(16) % 2).backward()
            with torch.no_grad():
                for p in (*w, head):
                    p -= 0.1 * p.grad  # type: ignore[operator]
                    p.grad = None
        return w

    kinds = "functional matmul"
    _, deep = watched(lambda: run(False), tmp_path)
    names = [p.name for p in deep.facts.places if p.kind == kinds]
    assert len(names) == 7 and not any("#" in n for n in names)
    assert deep.signal("input.std", "input") is not None and deep.facts.batch_size == 16
    _, wide = watched(lambda: run(True), tmp_path)
    names = [p.name for p in wide.facts.places if p.kind == kinds]
    assert sum("#" in n for n in names) == 5


def rows(seed: int = 0, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    g, p, w = (generator.normal(size=n).astype(np.float32) for _ in range(3))
    return g, 0.01 * p, w


def test_a_step_is_explained_by_the_simplest_recursion() -> None:
    g, p, w = rows()
    plain, heavy, both = fit(-0.1 * g, g, w, p), fit(0.9 * p - 0.1 * g, g, w, p), fit(0.9 * p - 0.1 * (g + 0.3 * w), g, w, p)
    assert plain is not None and plain.lr == pytest.approx(0.1) and plain.momentum == plain.weight_decay == 0
    assert heavy is not None and heavy.momentum == pytest.approx(0.9) and heavy.weight_decay == 0
    assert both is not None and both.momentum == pytest.approx(0.9) and both.weight_decay == pytest.approx(0.3)


def test_a_step_that_nothing_explains() -> None:
    g, p, w = rows()
    assert fit(-0.1 * np.sign(g), g, w, p) is None, "Adam's first step"
    assert fit(0.1 * g, g, w, p) is None, "uphill"
    assert fit(-0.1 * g[:1], g[:1], w[:1], None) is None, "one number is a multiple of any other"
    assert fit(-1e-9 * g, g, w, None) is None, "less than the weights are rounded by"
    assert fit(0 * g, g, w, p) is None and fit(np.full_like(g, np.nan), g, w, p) is None
