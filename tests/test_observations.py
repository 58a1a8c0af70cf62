"""What the observer learns beyond single steps: validation data and answers, modes, linear stacks, parameters that are left out."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from unstuck import plugins, reading
from unstuck.attach.discovery import ModuleSites
from unstuck.attach.metrics import right_answers
from unstuck.attach.phases import Phases
from unstuck.attach.places import PlaceBook
from unstuck.diagnosis import ask
from unstuck.recorder import Recorder
from unstuck.records import Trace
from unstuck.store import load

pytestmark = pytest.mark.filterwarnings("ignore")


def watched(run: Callable[[], object], path: Path) -> Trace:
    path.mkdir(exist_ok=True)
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


HERE = "tests/test_observations.py"
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


def test_the_first_whole_pass_over_the_loader_is_an_epoch(tmp_path: Path) -> None:
    data = torch.utils.data.TensorDataset(X, Y)

    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            for i, (x, y) in enumerate(torch.utils.data.DataLoader(data, batch_size=10)):
                F.cross_entropy(model(x), y).backward()
                if i % 2:  # accumulates two batches
                    optimizer.step()
                    optimizer.zero_grad()
            with torch.no_grad():
                for x, _ in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X[:20], Y[:20]), batch_size=10):
                    model(x)

    assert watched(run, tmp_path).facts.epoch_steps == 5


def test_large_batches_away_from_the_host_are_thinned_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of the batch is that of the script, and answers are scored against their own targets."""
    from unstuck.attach import excerpts

    monkeypatch.setattr(excerpts, "seen", lambda t: t.detach())  # as it is on an accelerator
    monkeypatch.setattr(excerpts, "BATCH_ELEMENTS", 60)
    model = nn.Linear(9, 3, bias=False)
    x = torch.eye(9).repeat(10, 1)
    y = torch.arange(9).repeat(10) % 3
    with torch.no_grad():
        model.weight.copy_(F.one_hot(torch.arange(9) % 3, 3).T * 9.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)

    def run() -> None:
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert trace.facts.batch_size == 90
    assert last(trace, "training.accuracy") == 1.0


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


@pytest.mark.parametrize("held_out", [True, False])
def test_the_training_set_evaluated_beside_another_one_is_no_validation(tmp_path: Path, held_out: bool) -> None:
    known, other = X[:80].clone(), X[80:].clone()
    scores: list[float] = []

    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(6):
            train(model, steps=8, optimizer=optimizer)  # a whole pass over the 80 rows
            model.eval()
            with torch.no_grad():
                mine = F.cross_entropy(model(known), Y[:80])
                theirs = F.cross_entropy(model(other), Y[80:]) if held_out else mine
            scores.append(float(theirs))
            model.train()
        train(model, steps=1, optimizer=optimizer)

    trace = watched(run, tmp_path)
    values = trace.signal("validation.loss")
    assert values is not None and values.values[-3:] == pytest.approx(scores[-3:], rel=1e-5)
    assert last(trace, "validation.rows") == (20 if held_out else 80)
    assert last(trace, "validation.repeated_share") == (0 if held_out else 1)


def test_validation_drawn_from_the_training_set_stays_validation(tmp_path: Path) -> None:
    part, other = X[10:30].clone(), X[80:].clone()  # leaked: of a fourth of the training rows

    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(6):
            train(model, steps=8, optimizer=optimizer)
            with torch.no_grad():
                F.cross_entropy(model(other), Y[80:])
            train(model, steps=8, optimizer=optimizer)
            with torch.no_grad():
                F.cross_entropy(model(part), Y[10:30])
        train(model, steps=1, optimizer=optimizer)

    trace = watched(run, tmp_path)
    values = trace.signal("validation.loss")
    assert values is not None and len(values) == 12


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


def test_a_training_set_larger_than_what_is_looked_at_of_a_pass_is_known_again(tmp_path: Path) -> None:
    x, y = torch.randn(9000, 4, generator=torch.Generator().manual_seed(0)), torch.arange(9000) % 3

    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for rows in torch.arange(9000).reshape(300, 30).T:  # spread over the set, as in shuffled batches
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            F.cross_entropy(model(x), y)

    assert last(watched(run, tmp_path), "validation.covered_share") > 0.95


def test_the_same_inputs_with_other_targets(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for y, steps in ((Y, 8), ((Y + 1) % 3, 3), (Y, 2)):
            train(model, y=y, steps=steps, optimizer=optimizer)

    trace = watched(run, tmp_path)
    assert (trace.note("targets.again"), trace.note("targets.conflicts")) == (50, 30)
    assert trace.note("inputs.alone") is True


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

    trace = watched(run, tmp_path)
    assert (trace.note("targets.again"), trace.note("inputs.alone")) == (0, False)


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
    assert last(trace, "beside.target_mean", "beside") == pytest.approx(1 / 3), "and the other is looked at beside it"
    assert last(trace, "beside.output_mean", "beside") == pytest.approx(1 / 3)


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


@pytest.mark.parametrize("follows", [False, True])
def test_a_dropout_function_that_does_not_follow_the_mode(tmp_path: Path, follows: bool) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.drop = nn.Linear(4, 3), nn.Dropout(0.1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.dropout(self.drop(self.layer(x)), 0.5, training=self.training or not follows)

    def run() -> None:
        model = Net()
        train(model, steps=3)
        model.eval()
        with torch.no_grad():
            F.cross_entropy(model(X), Y)
        model.train()
        train(model, steps=3)

    found = watched(run, tmp_path).note("validation.dropouts")
    assert found is None if follows else isinstance(found, list) and len(found) == 1 and "test_observations.py:" in str(found[0])


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
    assert trace.note("graph.plain_layers") == 3, "the sum leads around one layer"


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
    line = Hidden.__init__.__code__.co_firstlineno + 2
    assert trace.note("parameters.between") == 2 and trace.note("parameters.made_at") == [f"{HERE}:{line}"]


def test_first_layers_in_a_plain_list(tmp_path: Path) -> None:
    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers, self.last = [nn.Linear(4, 8)], nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(torch.tanh(self.layers[0](x)))

    def beside() -> None:
        features, head = nn.Linear(4, 8), nn.Linear(8, 3)
        optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
        for _ in range(6):
            optimizer.zero_grad()
            F.cross_entropy(head(torch.tanh(features(X))), Y).backward()
            optimizer.step()

    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert watched(lambda: train(Hidden()), tmp_path / "a").note("parameters.inside") == 2
    assert watched(beside, tmp_path / "b").note("parameters.inside") == 0, "a backbone that somebody calls himself, and does not train"


def test_layers_that_every_forward_pass_makes_anew(tmp_path: Path) -> None:
    class Anew(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(nn.LayerNorm(8)(nn.Linear(8, 8)(self.first(x))))

    trace = watched(lambda: train(Anew()), tmp_path)
    line = Anew.forward.__code__.co_firstlineno + 1
    assert trace.note("parameters.made_at") == [f"{HERE}:{line}"]
    findings, _ = ask(plugins.load("rules")["blocked-gradient"], trace)
    assert f"(made at {HERE}:{line})" in findings[0].message.en


def test_steps_by_hand(tmp_path: Path) -> None:
    """Without an optimizer the weights, their gradients and their score are seen; these stay as they are (zero times zero)."""

    def run() -> None:
        weights = [torch.zeros(4, 8), torch.zeros(8), torch.zeros(8, 3)]
        for w in weights:
            w.requires_grad_(True)
        for i in range(24):
            x = X[i : i + 10].clone().requires_grad_(True)  # a leaf too, but another one at every step
            F.cross_entropy(torch.tanh(x @ weights[0] + weights[1]) @ weights[2], Y[i : i + 10]).backward()
            with torch.no_grad():
                for w in weights:
                    w -= 0.1 * w.grad
                    w.grad = None

    trace = watched(run, tmp_path)
    norms = {s.place.shape: s for s in trace.each("parameter.norm")}
    assert set(norms) == {(4, 8), (8,), (8, 3)}
    assert last(trace, "gradient.total_norm") == 0.0, "zero times zero"
    assert {s.place.shape: s.last for s in trace.each("parameter.identical_share")} == {(4, 8): 1.0, (8, 3): 1.0}
    assert not {"update.norm", "update.ratio"} & trace.names()
    assert trace.facts.steps == 24


def test_the_score_of_a_net_of_functions_is_that_of_the_last_batches(tmp_path: Path) -> None:
    def run() -> None:
        w = torch.zeros(2, 2, requires_grad=True)
        x = torch.eye(2).repeat(25, 1)
        for i in range(40):
            logits = x @ w + (torch.tensor([0.0, 9.0]) if i < 20 else 0.0)
            F.cross_entropy(logits, torch.arange(2).repeat(25)).backward()
            with torch.no_grad():
                w -= w.grad
                w.grad = None

    trace = watched(run, tmp_path)
    assert trace.facts.batch_size == 50 and reading.skill(trace) == 1.0, "the first half, at chance, is long over"


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


def amp(scale: float, fused: bool = False) -> Callable[[], None]:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=fused)
        scaler = torch.amp.GradScaler("cpu", init_scale=scale, growth_interval=3)
        for i in range(6):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X), Y)
            scaler.scale(loss * (float("inf") if i == 2 else 1.0)).backward()
            scaler.step(optimizer)
            scaler.update()

    return run


@pytest.mark.parametrize("fused", [False, True])
def test_loss_scale_and_skipped_steps(fused: bool, tmp_path: Path) -> None:
    trace = watched(amp(1024.0, fused), tmp_path)
    scale, skipped = trace.signal("amp.scale"), trace.signal("amp.skipped")
    assert scale is not None and scale.values.tolist() == [1024, 1024, 1024, 512, 512, 512]
    assert skipped is not None and skipped.values.tolist() == [0, 0, 1, 0, 0, 0]
    assert trace.facts.steps == 6 and trace.note("nonfinite.step") == 2
    loss = trace.signal("loss.value")
    assert loss is not None and 0.5 < loss.values[0] < 2 and loss.values[2] == float("inf"), "as the script computed it, not scaled"


@pytest.mark.parametrize("fused", [False, True])
def test_figures_under_amp_are_unscaled(fused: bool, tmp_path: Path) -> None:
    def bare() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for i in range(6):
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            if i != 2:
                optimizer.step()

    (tmp_path / "bare").mkdir()
    one, other = watched(amp(1024.0, fused), tmp_path), watched(bare, tmp_path / "bare")
    for name, place in (("gradient.norm", "model.2"), ("parameter.gradient_norm", "model.2.weight"), ("update.ratio", "model.0.weight")):
        mine, plain = one.signal(name, place), other.signal(name, place)
        assert mine is not None and plain is not None
        assert [mine.values[i] for i in (0, 1)] == pytest.approx([plain.values[i] for i in (0, 1)], rel=1e-4), name


def test_learning_rate_of_every_group(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        groups = [{"params": model[0].parameters(), "lr": 0.01}, {"params": model[2].parameters()}]
        optimizer = torch.optim.SGD(groups, lr=0.1)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
        for _ in range(3):
            train(model, steps=1, optimizer=optimizer)
            schedule.step()

    trace = watched(run, tmp_path)
    rates = {s.place.name: s.values.tolist() for s in trace.each("lr.group")}
    assert rates == {"0.0": pytest.approx([0.01, 0.005, 0.0025]), "0.1": pytest.approx([0.1, 0.05, 0.025])}
    assert trace.signal("lr.value").values.tolist() == pytest.approx([0.01, 0.005, 0.0025])  # type: ignore[union-attr]


def test_zeros_and_unchanged_parameters(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        model[2].weight.data[:2] = 0
        model[0].bias.requires_grad_(False)
        optimizer = torch.optim.SGD([{"params": [model[0].weight, model[2].bias]}, {"params": [model[2].weight], "lr": 0.0}], lr=0.1)
        train(model, optimizer=optimizer)

    trace = watched(run, tmp_path)
    assert last(trace, "parameter.zero_share", "model.2.weight") == pytest.approx(2 / 3)
    assert last(trace, "parameter.zero_share", "model.0.weight") == 0
    changed = {p.name: p.changed for p in trace.facts.parameters}
    assert changed == {"model.0.weight": True, "model.0.bias": False, "model.2.weight": False, "model.2.bias": True}


def test_a_fingerprint_sees_one_bit() -> None:
    from unstuck.attach.changes import fingerprint

    for dtype in (torch.float32, torch.float64, torch.bfloat16, torch.complex64):
        t = torch.randn(5, 7).to(dtype)
        before = fingerprint(t)
        assert fingerprint(t.clone()) == before
        t[3, 2] *= 1 + 2 * torch.finfo(t.dtype).eps
        assert fingerprint(t) != before
    assert fingerprint(torch.zeros(3)) != fingerprint(torch.tensor([0.0, -0.0, 0.0]))


@pytest.mark.parametrize("how", ["untouched", "halved", "clipped", "zeroed and added"])
def test_gradients_that_the_script_alters(how: str, tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(4):
            optimizer.zero_grad()
            F.cross_entropy(model(X), Y).backward()
            for p in model.parameters():
                if how == "halved":
                    p.grad.mul_(0.5)  # type: ignore[union-attr]
                if how == "zeroed and added":
                    p.grad = 3 * p.grad  # type: ignore[operator]
            if how == "clipped":
                nn.utils.clip_grad_norm_(model.parameters(), 0.01)
            optimizer.step()

    trace = watched(run, tmp_path)
    if how == "untouched":
        assert "gradient.kept_ratio" not in trace.names()
    elif how == "clipped":
        norm = trace.signal("clip.norm")
        assert norm is not None and last(trace, "gradient.kept_ratio") == pytest.approx(0.01 / norm.last, rel=1e-3)
    else:
        assert last(trace, "gradient.kept_ratio") == pytest.approx(0.5 if how == "halved" else 3.0)


def test_noise_scale_of_known_gradients(tmp_path: Path) -> None:
    """Batches that take turns with gradients (a, b) and (a, -b): |g1 - g2|^2 / 2 = 2 b^2, g1.g2 = a^2 - b^2."""
    a, b = 3.0, 1.0

    def run() -> None:
        w = nn.Parameter(torch.zeros(2))
        optimizer = torch.optim.SGD([w], lr=0.0)
        for i in range(6):
            optimizer.zero_grad()
            (w * torch.tensor([a, b if i % 2 else -b])).sum().backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert last(trace, "gradient.noise_ratio") == pytest.approx(2 * b * b / (a * a - b * b))
    assert last(trace, "gradient.cosine") == pytest.approx((a * a - b * b) / (a * a + b * b))


def test_optimizers_that_step_within_the_backward_pass(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizers = {p: torch.optim.SGD([p], lr=0.1) for p in model.parameters()}

        def ready(p: torch.Tensor) -> None:
            optimizers[p].step()  # type: ignore[index]
            optimizers[p].zero_grad()  # type: ignore[index]

        for p in model.parameters():
            p.register_post_accumulate_grad_hook(ready)
        for _ in range(4):
            F.cross_entropy(model(X), Y).backward()

    trace = watched(run, tmp_path)
    assert trace.facts.steps == trace.facts.sampled == 4
    assert [len(s) for s in trace.each("gradient.norm")] == [4, 4, 4]
    assert [len(s) for s in trace.each("update.ratio")] == [4] * 4
    assert last(trace, "gradient.leftover_ratio") == 0


class Sequences(nn.Module):
    def __init__(self, batch_first: bool, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.layer = nn.GRU(4, 4, batch_first=batch_first) if kind == "gru" else nn.MultiheadAttention(4, 2, batch_first=batch_first)
        self.head = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layer(x)[0] if self.kind == "gru" else self.layer(x, x, x)[0])


@pytest.mark.parametrize("kind", ["gru", "attention"])
@pytest.mark.parametrize("case", ["wrong", "batch first", "time first", "one target per time step"])
def test_layouts_of_sequences(kind: str, case: str, tmp_path: Path) -> None:
    def run() -> None:
        model = Sequences(case == "batch first", kind)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        x = torch.randn(7, 10, 4) if case == "time first" else torch.randn(10, 7, 4)
        for _ in range(3):
            out = model(x)
            if case == "one target per time step":
                loss = F.cross_entropy(out.reshape(-1, 3), torch.zeros(70, dtype=torch.long))
            else:
                loss = F.cross_entropy(out[-1] if case == "time first" else out[:, -1], torch.arange(10) % 3)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert trace.note("layout.batch_as_time") == (["layer"] if case == "wrong" else None)
    assert trace.note("input.shape") == ([7, 10, 4] if case == "time first" else [10, 7, 4])


@pytest.mark.parametrize("way", ["view", "transpose", "copied transpose", "one sample"])
def test_a_view_in_place_of_a_transposition(way: str, tmp_path: Path) -> None:
    class TimeFirst(Sequences):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if way in ("view", "one sample"):  # an axis of size 1 may go anywhere
                x = x.view(x.size(1), x.size(0), x.size(2))
            else:
                x = x.transpose(0, 1).contiguous() if way == "copied transpose" else x.transpose(0, 1)
            return super().forward(x)[:, -1]

    def run() -> None:
        model = TimeFirst(True, "gru")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        batch = 1 if way == "one sample" else 10
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(torch.randn(7, batch, 4)), torch.arange(batch) % 3).backward()
            optimizer.step()

    assert watched(run, tmp_path).note("layout.mixed") == ([["layer", [7, 10, 4], [10, 7, 4]]] if way == "view" else None)


@pytest.mark.parametrize("right", [True, False])
def test_layouts_of_images(right: bool, tmp_path: Path) -> None:
    ramp = torch.linspace(0, 1, 32)
    pictures = torch.stack([ramp.expand(32, 32), 1 - ramp.expand(32, 32), ramp[:, None].expand(32, 32)], -1).expand(8, 32, 32, 3)
    x = pictures.permute(0, 3, 1, 2).contiguous() if right else pictures.reshape(8, 3, 32, 32)

    def run() -> None:
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 900, 3))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(x), torch.arange(8) % 3).backward()
            optimizer.step()

    ratio = last(watched(run, tmp_path), "input.interleave_ratio", "input")
    assert ratio == pytest.approx(3.0, rel=1e-3) if right else ratio < 0.3


def test_batches_that_come_again(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for rows in (slice(0, 10), slice(10, 20), slice(10, 20), slice(15, 25)):
            optimizer.zero_grad()
            F.cross_entropy(model(X[rows]), Y[rows]).backward()
            optimizer.step()

    signal = watched(run, tmp_path).signal("input.repeated_share", "input")
    assert signal is not None and signal.values.tolist() == pytest.approx([0.0, 1.0, 0.5])


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.filterwarnings("ignore")
def test_shapes_that_broadcast(by_hand: bool, tmp_path: Path) -> None:
    def run() -> None:
        model, target = nn.Sequential(nn.Linear(4, 1)), X.sum(1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            loss = ((model(X) - target) ** 2).mean() if by_hand else F.mse_loss(model(X), target)
            loss.backward()
            optimizer.step()

    loss = watched(run, tmp_path).facts.loss
    assert loss is not None and (loss.kind, loss.input_shape, loss.target_shape) == ("mse", (100, 1), (100,))


def test_constant_and_non_finite_features(tmp_path: Path) -> None:
    x = X.clone()
    x[:, 1] = 7.0
    x[3, 2] = float("nan")

    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        F.cross_entropy(model(x), Y).backward()
        optimizer.step()

    trace = watched(run, tmp_path)
    assert last(trace, "input.feature_std", "input[1]") == 0 and last(trace, "input.feature_mean", "input[1]") == 7
    assert last(trace, "input.nonfinite_share", "input") == pytest.approx(1 / 400)
    broken = [s.place.name for s in trace.each("input.feature_mean") if s.last != s.last]
    assert broken == ["input[2]"]
    assert trace.note("input.dtype") == "float32" and trace.note("nonfinite.born") == "input" and trace.note("nonfinite.step") == 0


def test_two_losses_of_one_step_each_with_a_net_of_its_own(tmp_path: Path) -> None:
    def run() -> None:
        nets = [net(), net()]
        optimizers = [torch.optim.SGD(n.parameters(), lr=0.1) for n in nets]
        for _ in range(4):
            losses = [F.cross_entropy(n(X), Y) for n in nets]
            for loss, optimizer in zip(losses, optimizers, strict=True):
                optimizer.zero_grad()
                loss.backward()
            for optimizer in optimizers:
                optimizer.step()

    trace = watched(run, tmp_path)
    assert not [p.name for p in trace.facts.places if p.kind.startswith("functional")]
    assert len(list(trace.each("gradient.norm"))) == len(list(trace.each("activation.mean"))) == 6


def test_an_initial_state_of_zeros_is_not_the_input(tmp_path: Path) -> None:
    class Stateful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, state: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x) + state

    def run() -> None:
        model = Stateful()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(torch.zeros(100, 3), X), Y).backward()
            optimizer.step()

    assert last(watched(run, tmp_path), "input.std", "input") == pytest.approx(float(X.std()), rel=0.01)


def test_sparse_inputs_and_answers_of_another_length_do_no_harm(tmp_path: Path) -> None:
    class Graph(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4, 3) / 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sparse.mm(x, self.weight)

    def run() -> None:
        model, sparse = Graph(), X.relu().to_sparse()
        train(model, sparse, steps=0)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(model(sparse), Y).backward()
            optimizer.step()
            with torch.no_grad():
                model(sparse)

    assert watched(run, tmp_path).facts.steps == 3
    assert right_answers(torch.zeros(10, 4, 3), torch.zeros(10, 6, dtype=torch.int64), "cross-entropy") is None


def test_calls_of_the_model_in_one_step(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for length in (3, 5, 2):
            optimizer.zero_grad()
            torch.stack([F.cross_entropy(model(X[:1]), Y[:1]) for _ in range(length)]).sum().backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert reading.calls_per_step(trace) == (2, 5)


def test_many_calls_of_a_layer_in_one_step_share_places(tmp_path: Path) -> None:
    def run() -> None:
        cell, readout = nn.Linear(4, 4), nn.Linear(4, 3)
        model = nn.ModuleDict({"cell": cell, "act": nn.ReLU(), "readout": readout})
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            state = X[:, :4]
            for _ in range(300):
                state = torch.tanh(model["act"](cell(state)))
            F.cross_entropy(readout(state), Y).backward()
            optimizer.step()

    trace = watched(run, tmp_path)
    assert not trace.facts.disarmed
    numbers = sorted(int(s.place.name.partition("#")[2] or 1) for s in trace.each("gradient.norm") if s.place.name.split("#")[0] == "cell")
    assert numbers[:33] == [*range(1, 34)] and len(numbers) == 83 and numbers[-1] == 289
    assert {s.place.kind.removeprefix("functional ") for s in trace.each("activation.std")} == {"Linear", "ReLU", "tanh"}


def test_our_own_time_is_counted_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "t.trace")
    observer, hooks = recorder.observer, recorder.hooks
    seen: list[float] = []

    def inner() -> None:
        time.sleep(0.05)
        seen.append(observer.spent_until(time.perf_counter()))

    started = time.perf_counter()
    hooks.guard.run("outer", lambda: hooks.guard.run("inner", inner))
    took, spent = time.perf_counter() - started, observer.spent
    recorder.stop("finished")
    assert 0.05 <= seen[0] <= took, "what goes on is counted"
    assert 0.05 <= spent <= took, "and one call inside another not twice"


def test_the_overhead_of_two_steps_is_a_number_that_can_be(tmp_path: Path) -> None:
    overhead = watched(lambda: train(net(), steps=2), tmp_path).facts.overhead
    assert 0 < overhead < 1e4, "our own time until the first step ends is no time of the training's"


def test_a_data_set_made_anew_is_not_the_one_that_is_gone() -> None:
    phases = Phases(PlaceBook(ModuleSites()), lambda values, tables: None)

    class Iterator:
        def __init__(self) -> None:
            self._dataset = TensorDataset(X, Y)

    numbers = []
    for _ in range(20):
        iterator = Iterator()
        phases.fetched(iterator, (X, Y), 0)
        phases.fetched(iterator, (X, Y), 0)
        numbers.append(phases.current_dataset)
        del iterator
    assert numbers == list(range(1, 21))


def test_nothing_holds_a_model_once_watching_is_over(tmp_path: Path) -> None:
    def run() -> None:
        model = net()
        models.append(weakref.ref(model))
        train(model, steps=8)

    models: list[weakref.ref[nn.Module]] = []
    watched(run, tmp_path)
    gc.collect()
    assert models[0]() is None


def test_what_is_compiled_to_torchscript_knows_nothing_of_us(tmp_path: Path) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.drop = nn.Linear(4, 3), nn.Dropout(0.2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.dropout(self.drop(self.layer(x)), 0.1, self.training)

    def run() -> None:
        train(torch.jit.script(Net()), steps=4)

    dropout = F.dropout
    assert watched(run, tmp_path).facts.steps == 4
    assert F.dropout is dropout


def test_what_is_done_to_a_matrix_on_its_own_is_no_layer(tmp_path: Path) -> None:
    table = torch.randn(4, 8, requires_grad=True)
    out = torch.randn(8, 3, requires_grad=True)

    def run() -> None:
        optimizer = torch.optim.SGD([table, out], lr=0.1)
        for _ in range(4):
            optimizer.zero_grad()
            penalty = (table**2).sum() + (table / 0.5).abs().sum() + (table - 1).square().mean()
            (F.cross_entropy(torch.relu(X @ table) @ out, Y) + 1e-3 * penalty).backward()
            optimizer.step()

    kinds = [p.kind for p in watched(run, tmp_path).facts.places if p.order >= 0 and p.kind.startswith("functional")]
    assert kinds == ["functional matmul", "functional relu", "functional matmul"]


def plainly(loss: Callable[[nn.Module], torch.Tensor], path: Path, steps: int = 4, model: nn.Module | None = None) -> Trace:
    """A training whose loss is computed from the model by `loss`."""

    def run() -> None:
        trained = model or net()
        optimizer = torch.optim.SGD(trained.parameters(), lr=0.01)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(trained).backward()
            optimizer.step()

    return watched(run, path)


@pytest.mark.parametrize(
    ("loss", "share"),
    [
        (lambda m: F.cross_entropy(m(X), Y, reduction="sum") / len(X), 0.0),
        (lambda m: F.cross_entropy(m(X), Y) / 4, 0.0),
        (lambda m: 0.3 * F.cross_entropy(m(X), Y), 0.0),
        (lambda m: -(-F.cross_entropy(m(X), Y)).sum(), 0.0),
        (lambda m: torch.stack([F.cross_entropy(m(X), Y), 0 * m(X).sum()]).mean(), 0.0),
        (lambda m: F.cross_entropy(m(X), Y, reduction="sum") / len(X) + 5.0, None),
    ],
)
def test_what_a_loss_function_counts_in_the_loss(loss: Callable[[nn.Module], torch.Tensor], share: float | None, tmp_path: Path) -> None:
    signal = plainly(loss, tmp_path).signal("loss.penalty_share")
    assert signal is not None
    assert signal.values == pytest.approx(0.0, abs=1e-5) if share is not None else (signal.values > 0.7).all()


@pytest.mark.parametrize(
    ("penalty", "value"),
    [
        (lambda m: 0.1 * sum(p.abs().sum() for p in m.parameters()), lambda w: 0.1 * sum(p.abs().sum() for p in w)),
        (lambda m: 0.5 * m[0].weight.norm() ** 2, lambda w: 0.5 * (w[0] ** 2).sum()),
        (lambda m: sum((p * p).sum() for p in m.parameters()) / 8, lambda w: sum((p * p).sum() for p in w) / 8),
        (lambda m: torch.sqrt(m[0].weight.pow(2).sum()), lambda w: w[0].norm()),
        (
            lambda m: 3 * torch.cat([p.view(-1) for p in m.parameters()]).abs().mean(),
            lambda w: 3 * torch.cat([p.flatten() for p in w]).abs().mean(),
        ),
        (lambda m: 0.3 * m[2].bias.abs().sum(), lambda w: 0.3 * w[3].abs().sum()),
        (lambda m: 0.0, None),
        (lambda m: m(X).abs().mean(), None),
        (lambda m: (m[0].weight @ m[0].weight.T).sum(), None),
    ],
)
def test_a_penalty_beside_a_loss_by_hand(
    penalty: Callable[..., torch.Tensor], value: Callable[..., torch.Tensor] | None, tmp_path: Path
) -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))  # a bias of one number must not count twice
    with torch.no_grad():
        first = torch.as_tensor(0.0 if value is None else value([p.clone() for p in model.parameters()]))
        whole = (model(X)[:, 0] - Y).square().mean() + first
    signal = plainly(lambda m: (m(X)[:, 0] - Y).square().mean() + penalty(m), tmp_path, model=model).signal("loss.penalty_share")
    if value is None:
        assert signal is None
    else:
        assert signal is not None and signal.values[0] == pytest.approx(float(first / whole), rel=1e-4)


def test_a_loss_of_parameters_alone_is_no_penalty(tmp_path: Path) -> None:
    assert plainly(lambda m: m[0].weight.square().sum(), tmp_path).signal("loss.penalty_share") is None


def test_labels_of_a_margin_loss_by_hand(tmp_path: Path) -> None:
    model = nn.Linear(4, 1)
    zeros, signs = (Y > 0).float(), 2.0 * (Y > 0) - 1

    def hinge(y: torch.Tensor) -> Callable[[nn.Module], torch.Tensor]:
        return lambda m: torch.clamp(1 - y * m(X).squeeze(-1), min=0).mean()

    assert plainly(hinge(zeros), tmp_path / "a", model=model).note("loss.margin_labels") == [0.0, 1.0]
    assert plainly(hinge(signs), tmp_path / "b", model=model).note("loss.margin_labels") == [-1.0, 1.0]
    assert plainly(lambda m: torch.relu(1 - zeros * m(X).squeeze(-1)).sum(), tmp_path / "c", model=model).note("loss.margin_labels") == [
        0,
        1,
    ]
    other = plainly(lambda m: (1 - zeros * m(X).squeeze(-1)).square().mean(), tmp_path / "d", model=model)
    assert other.note("loss.margin_labels") == []


@pytest.mark.parametrize(("slope", "linear"), [(1.0, True), (0.5, False)])
def test_a_leaky_slope_of_one_bends_nothing(slope: float, linear: bool, tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(slope), nn.Linear(8, 3))
    trace = plainly(lambda m: F.cross_entropy(m(X), Y), tmp_path, model=model)
    assert (bool(trace.note("graph.linear_pairs")), trace.note("graph.bends")) == (linear, [] if linear else ["LeakyRelu"])


def test_samples_that_hold_one_number(tmp_path: Path) -> None:
    x = torch.where(torch.arange(100)[:, None] % 4 == 0, X, torch.zeros(4))
    assert last(plainly(lambda m: F.cross_entropy(m(x), Y), tmp_path), "input.blank_share", "input") == pytest.approx(0.75)


def test_where_rows_are_filled_up(tmp_path: Path) -> None:
    torch.manual_seed(0)
    words, lengths = torch.randint(1, 9, (80, 12)), torch.randint(4, 10, (80, 1))
    behind = torch.where(torch.arange(12) < lengths, words, 0)
    front = behind.flip(1)

    def run(given: torch.Tensor) -> Callable[[], None]:
        def script() -> None:
            model = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(48, 3))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for i in range(6):
                optimizer.zero_grad()
                F.cross_entropy(model(behind[i * 10 : i * 10 + 10]), Y[:10]).backward()
                optimizer.step()
            with torch.no_grad():
                model(given)

        return script

    same, other = watched(run(behind[60:]), tmp_path / "a"), watched(run(front[60:]), tmp_path / "b")
    assert last(same, "validation.position_distance") < 0.2 < 0.4 < last(other, "validation.position_distance")
    assert last(other, "validation.position_noise") < 0.2


def test_every_sampled_step_counts_its_classes(tmp_path: Path) -> None:
    trace = plainly(lambda m: F.cross_entropy(m(X), Y), tmp_path, steps=60)
    shares, rights = (trace.signal(n, "target[0]") for n in ("target.class_share", "training.right_share"))
    assert shares is not None and rights is not None
    assert len(shares) == len(rights) == trace.facts.sampled == 60


def test_two_heads_in_one_validation_are_counted_apart(tmp_path: Path) -> None:
    """Answers of one head are right or wrong, the other one's are real numbers: 100 answers, not 100 and 400."""

    def run() -> None:
        torch.manual_seed(0)
        body, classes, values = nn.Linear(4, 16), nn.Linear(16, 3), nn.Linear(16, 4)
        optimizer = torch.optim.Adam([*body.parameters(), *classes.parameters(), *values.parameters()], lr=0.02)
        for _ in range(40):
            optimizer.zero_grad()
            code = body(X).tanh()
            F.cross_entropy(classes(code), Y).backward(retain_graph=True)
            F.mse_loss(values(code), X).backward()
            optimizer.step()
        with torch.no_grad():
            code = body(X).tanh()
            seen.append(float((classes(code).argmax(1) == Y).float().mean()))
            F.mse_loss(values(code), X)

    seen: list[float] = []
    assert last(watched(run, tmp_path), "validation.accuracy") == pytest.approx(seen[0])


@pytest.mark.parametrize("kind", ["StepLR", "ReduceLROnPlateau"])
def test_every_kind_of_schedule_is_recorded(kind: str, tmp_path: Path) -> None:
    def run() -> None:
        model = nn.Linear(4, 3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        made = torch.optim.lr_scheduler.StepLR(optimizer, 2) if kind == "StepLR" else torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
        train(model, optimizer=optimizer)
        assert made is not None

    assert watched(run, tmp_path / kind).facts.schedulers == (kind,)


def test_an_optimizer_that_has_the_id_of_one_that_is_gone(tmp_path: Path) -> None:
    """Layers trained one after the other, each by an optimizer of its own with as many parameters."""

    def run() -> None:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        used: set[int] = set()
        for layer in net:
            others: list[torch.optim.Optimizer] = []
            while True:  # until it lies where the first one lay: the others take up what else is free
                optimizer = torch.optim.SGD(layer.parameters(), 0.1)
                if not used or id(optimizer) in used:
                    break
                others.append(optimizer)
                if len(others) > 2000:
                    pytest.skip("the interpreter gives that place to nothing else")
            del others
            used.add(id(optimizer))
            for _ in range(3):
                optimizer.zero_grad()
                net(torch.randn(8, 4)).square().mean().backward()
                optimizer.step()
            del optimizer

    trace = watched(run, tmp_path)
    steps = {s.place.name[-8:]: s.steps.tolist() for s in trace.signals if s.name == "update.norm"}
    assert steps["0.weight"] == [0, 1, 2] and steps["1.weight"] == [3, 4, 5]


def test_how_inputs_and_targets_go_together_in_both_phases(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(600, 6, generator=generator)
    y = (x[:, 0] - x[:, 1] > 0).long()

    def run(given: torch.Tensor, labels: torch.Tensor, by_loss: bool) -> Callable[[], None]:
        def go() -> None:
            model = nn.Linear(6, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for batch in torch.arange(400).split(40):
                optimizer.zero_grad()
                F.cross_entropy(model(x[batch]), y[batch]).backward()
                optimizer.step()
            with torch.no_grad():
                answers = model(given + 0)
                if by_loss:
                    F.cross_entropy(answers, labels)
                else:
                    (answers.argmax(1) == labels).float().mean()
            train(model, x[:400], y[:400], steps=2)

        return go

    for i, by_loss in enumerate((True, False)):
        same = watched(run(x[400:], y[400:], by_loss), tmp_path / f"same{i}")
        assert last(same, "validation.association") == pytest.approx(1, abs=0.2)
        assert last(same, "validation.association_strength") == pytest.approx(1, abs=0.3)
        turned = watched(run(x[400:, [2, 3, 4, 5, 0, 1]], y[400:], by_loss), tmp_path / f"turned{i}")
        assert abs(last(turned, "validation.association")) < 0.3
        assert min(last(turned, f"validation.association_{s}") for s in ("trained", "given")) > 0.5

    def two_tasks() -> None:
        model = nn.Linear(6, 3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for batch in torch.arange(400).split(40):
            optimizer.zero_grad()
            out = model(x[batch])
            (F.cross_entropy(out[:, :2], y[batch]) + F.mse_loss(out[:, 2], x[batch, 5])).backward()
            optimizer.step()
        with torch.no_grad():
            F.mse_loss(model(x[400:] + 0)[:, 2], x[400:, 5])
        train(model, x[:400], y[:400], steps=2)

    assert watched(two_tasks, tmp_path / "two").signal("validation.association") is None
    silent = watched(run(x[400:], y[400:].flip(0), True), tmp_path / "none")
    assert last(silent, "validation.association_given") == 0
    assert silent.signal("validation.association") is None


def test_what_a_model_is_given_of_its_own_making_is_no_input(tmp_path: Path) -> None:
    def run() -> None:
        model, start = nn.Linear(3, 3), torch.ones(8, 3) * torch.arange(1.0, 9)[:, None]
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(4):
            state = start
            for _ in range(5):
                state = 10 * model(state)
            optimizer.zero_grad()
            state.tanh().mean().backward()
            optimizer.step()

    signal = watched(run, tmp_path).signal("input.mean", "input")
    assert signal is not None
    assert signal.values.tolist() == [4.5] * 4


def test_a_module_around_a_rectifier_is_searched_for_silent_units(tmp_path: Path) -> None:
    class Shifted(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(x - 30.0)

    def run() -> None:
        train(nn.Sequential(nn.Linear(4, 16), Shifted(), nn.Linear(16, 3)), steps=60)

    silent = watched(run, tmp_path).signal("activation.silent_share", "model.1")
    assert silent is not None
    assert silent.last == 1.0
