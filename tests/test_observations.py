"""What the observer learns beyond single steps: validation data and answers, modes, linear stacks, parameters that are left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unstuck.recorder import Recorder
from unstuck.records import Trace
from unstuck.store import load

pytestmark = pytest.mark.filterwarnings("ignore")


def watched(run: Callable[[], object], path: Path) -> Trace:
    recorder = Recorder(path / "t.trace", budget=None)
    recorder.start()
    try:
        torch.manual_seed(0)
        run()
    finally:
        recorder.stop("finished")
    trace = load(path / "t.trace")
    assert not trace.facts.disarmed, trace.facts.disarmed
    return trace


def last(trace: Trace, name: str, place: str = "run") -> float:
    signal = trace.signal(name, place)
    assert signal is not None, name
    return signal.last


X, Y = torch.linspace(-1, 1, 400).reshape(100, 4).sin(), torch.arange(100) % 3


def train(
    model: nn.Module, x: torch.Tensor = X, y: torch.Tensor = Y, steps: int = 6, optimizer: torch.optim.Optimizer | None = None
) -> None:
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.1)
    for i in range(steps):
        rows = slice((i * 10) % 80, (i * 10) % 80 + 10)
        optimizer.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()


def net() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def test_the_scripts_own_comparison_tells_the_validation_score(tmp_path: Path) -> None:
    seen: list[float] = []
    before = torch.Tensor.__eq__

    def run() -> None:
        model = net()
        train(model)
        model.eval()
        with torch.no_grad():
            seen.append(float((model(X[80:]).argmax(1) == Y[80:]).float().mean()))
        model.train()
        train(model)

    trace = watched(run, tmp_path)
    assert last(trace, "validation.accuracy") == pytest.approx(seen[0])
    recalls = {s.place.name: s.last for s in trace.each("validation.class_recall")}
    shares = {s.place.name: s.last for s in trace.each("validation.class_share")}
    assert sum(recalls[n] * shares[n] for n in recalls) == pytest.approx(seen[0])
    assert torch.Tensor.__eq__ is before


def test_a_loss_by_hand_tells_the_targets(tmp_path: Path) -> None:
    before = torch.Tensor.__sub__

    def run() -> None:
        model, target = nn.Sequential(nn.Linear(4, 1)), X.sum(1, keepdim=True)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            ((model(X) - target) ** 2).mean().backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert trace.facts.loss is not None and trace.facts.loss.kind == "mse" and trace.facts.loss.target_shape == (100, 1)
    assert last(trace, "target.mean", "target") == pytest.approx(float(X.sum(1).mean()), abs=1e-5)
    assert torch.Tensor.__sub__ is before


def test_validation_inputs_are_compared_with_the_training_inputs(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        train(model, steps=8)
        with torch.no_grad():
            model(torch.cat([X[:10], X[80:]]) + 0)
        train(model)

    trace = watched(run, tmp_path)
    assert last(trace, "validation.rows") == 30
    assert last(trace, "validation.repeated_share") == pytest.approx(1 / 3)
    assert last(trace, "validation.covered_share") == pytest.approx(10 / 80)
    part = torch.cat([X[:10], X[80:]])
    assert last(trace, "validation.feature_mean", "input[1]") == pytest.approx(float(part[:, 1].mean()), abs=1e-5)
    assert last(trace, "validation.feature_std", "input[1]") == pytest.approx(float(part[:, 1].std(correction=0)), abs=1e-4)


def test_the_same_inputs_with_other_targets(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for y, steps in ((Y, 8), ((Y + 1) % 3, 3), (Y, 2)):
            train(model, y=y, steps=steps, optimizer=optimizer)

    trace = watched(run, tmp_path)
    assert (trace.note("targets.again"), trace.note("targets.conflicts")) == (50, 30)


def test_pairs_are_more_than_their_first_input(tmp_path: Path) -> None:
    class Pair(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net()

        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return self.net(a - b)

    def run() -> None:
        model = Pair()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for i in range(8):
            optimizer.zero_grad()
            F.cross_entropy(model(X[:10], X[10 * i : 10 * i + 10]), Y[10 * i : 10 * i + 10]).backward()
            optimizer.step()

    assert watched(run, tmp_path).note("targets.again") == 0


def test_frequencies_of_ids(tmp_path: Path) -> None:
    words = torch.randint(0, 12, (200, 6), generator=torch.Generator().manual_seed(1)) ** 2 // 12

    def run(given: torch.Tensor) -> Callable[[], None]:
        def go() -> None:
            model = nn.Sequential(nn.Embedding(12, 4), nn.Flatten(), nn.Linear(24, 3))
            train(model, words[:100], Y, steps=8)
            with torch.no_grad():
                model(given + 0)
            train(model, words[:100], Y, steps=2)

        return go

    same, other = watched(run(words[100:]), tmp_path), watched(run(11 - words[100:]), tmp_path)
    assert last(same, "validation.id_distance") < last(same, "validation.id_noise") * 1.5
    assert last(other, "validation.id_distance") > 3 * last(other, "validation.id_noise")


def test_a_data_set_not_met_before_is_compared_out_of_turn(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        train(model, steps=8, optimizer=optimizer)
        known, new = X[:40], X + 1
        for i in range(12):
            with torch.no_grad():
                model(known if i < 11 else new)
            train(model, steps=1, optimizer=optimizer)

    trace = watched(run, tmp_path)
    signal = trace.signal("validation.repeated_share", "run")
    assert signal is not None
    assert len(signal) < 12, "not at every phase"
    assert signal.values[:-1].min() == 1 and signal.last == 0


def test_another_training_has_other_training_rows(tmp_path: Path) -> None:
    def run() -> None:
        for fold in (slice(0, 80), slice(20, 100)):
            model = net()
            train(model, X[fold], Y[fold], steps=8)
            with torch.no_grad():
                model(X[80:] if fold.start == 0 else X[:20])

    signal = watched(run, tmp_path).signal("validation.repeated_share", "run")
    assert signal is not None and len(signal) and not signal.values.any(), "the first fold's rows are held out in the second"


def test_of_several_losses_the_one_against_classes_is_scored(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(6):
            out = model(X)
            optimizer.zero_grad()
            (F.cross_entropy(out, Y) + F.mse_loss(out.softmax(1), torch.full((100, 3), 1 / 3))).backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert trace.signal("training.accuracy", "run") is not None
    assert trace.signal("loss.penalty_share", "run") is None, "the second loss is no penalty"


def test_modes(tmp_path: Path) -> None:
    def run() -> None:
        model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
        train(model)
        model.eval()
        with torch.no_grad():
            model(X[80:])
        train(model, steps=3)

    trace = watched(run, tmp_path)
    modes = trace.signal("mode.root_share")
    assert modes is not None and modes.values.tolist() == [1.0] * 6 + [0.0] * 3
    assert last(trace, "validation.root_mode") == 0 and last(trace, "validation.mode_share") == 0
    assert trace.note("validation.phases") == 1


def test_batch_norm_statistics(tmp_path: Path) -> None:
    def run() -> None:
        model = nn.Sequential(nn.BatchNorm1d(4, momentum=1.0), nn.Linear(4, 3))
        train(model)

    trace = watched(run, tmp_path)
    place = next(trace.each("norm.mean_gap")).place.name
    assert last(trace, "norm.mean_gap", place) == pytest.approx(0.0, abs=1e-3), "momentum 1: the running mean is the batch's"
    assert last(trace, "norm.var_ratio", place) == pytest.approx(10 / 9, rel=1e-2), "PyTorch keeps the unbiased variance"
    assert last(trace, "norm.count", place) == 10


def test_linear_stacks_are_seen_and_activations_end_them(tmp_path: Path) -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c, self.d = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = F.relu(self.b(F.dropout(self.a(x), 0.1) * 2))
            return self.d(h + self.c(h))

    trace = watched(lambda: train(Two()), tmp_path)
    assert [p[:2] for p in trace.note("graph.linear_pairs")] == [["a", "b"]]  # type: ignore[attr-defined]
    assert trace.note("graph.bends") == ["Relu"]


def test_parameters_that_are_left_out(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        model[2] = nn.Linear(8, 3)
        train(model, optimizer=optimizer)

    trace = watched(run, tmp_path)
    head = [p for p in trace.facts.parameters if p.shape in ((3, 8), (3,))]
    assert head and all(p.optimizer is None and not p.grad_missing for p in head)
    assert all(p.optimizer == 0 for p in trace.facts.parameters if p not in head)


def test_parameters_of_no_module(tmp_path: Path) -> None:
    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.layers, self.last = nn.Linear(4, 8), [nn.Linear(8, 8)], nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.relu(self.first(x))
            for layer in self.layers:
                x = F.relu(layer(x))
            return self.last(x)

    trace = watched(lambda: train(Hidden()), tmp_path)
    assert trace.note("parameters.between") == 2


def test_layers_without_gradient(tmp_path: Path) -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                x = F.relu(self.first(x))
            return self.last(x)

    trace = watched(lambda: train(Cut()), tmp_path)
    assert trace.note("calls.order") == ["first", "last"] and trace.note("calls.without_gradient") == ["first"]
    missing = {p.name for p in trace.facts.parameters if p.grad_missing}
    assert missing == {"first.weight", "first.bias"}


def test_clipping_by_value(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(4):
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            nn.utils.clip_grad_value_(model.parameters(), 1e-9)
            optimizer.step()

    trace = watched(run, tmp_path)
    assert last(trace, "clip.value_share") > 0.5 and last(trace, "clip.value_ratio") > 1e3
