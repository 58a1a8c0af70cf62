"""By which modules a batch enters: the answers that are scored are those of the network, however the script has put it together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from unstuck.recorder import Recorder
from unstuck.records import Trace
from unstuck.store import load

STEPS = 9


def batches(seed: int) -> DataLoader[tuple[torch.Tensor, ...]]:
    generator = torch.Generator().manual_seed(seed)
    x = 3 + torch.randn(64, 6, generator=generator)
    return DataLoader(TensorDataset(x, (x[:, 0] > 3).long()), batch_size=16)


def watched(model: nn.Module, answer: Callable[[torch.Tensor], torch.Tensor], path: Path, by_loss: bool) -> tuple[Trace, list[float]]:
    """Trains and validates three times; the trace, and the shares of right answers that the script itself counts."""
    recorder, accuracy = Recorder(path, budget=None), []
    train, held_out = batches(0), batches(1)
    recorder.start()
    try:
        optimizer = torch.optim.Adam(model.parameters(), 3e-2)
        for _ in range(3):
            for x, y in train:
                optimizer.zero_grad()
                F.cross_entropy(answer(x), y).backward()
                optimizer.step()
            right = []
            with torch.no_grad():
                for x, y in held_out:
                    answers = answer(x)
                    if by_loss:
                        F.cross_entropy(answers, y)
                    right += torch.eq(answers.argmax(1), y).tolist()
            accuracy.append(sum(right) / len(right))
        optimizer.zero_grad()
        F.cross_entropy(answer(x), y).backward()  # the last phase is over
        optimizer.step()
    finally:
        recorder.stop("finished")
    trace = load(path)
    assert not trace.facts.disarmed
    return trace, accuracy


class Trainer(nn.Module):
    """Never called itself."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


class Parts(nn.Module):
    """A backbone and a head, which the script calls one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.head = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2)), nn.Linear(2, 2)

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(torch.tanh(self.backbone(x)))


class Listed(nn.Module):
    """As in Keras: the parameters are held by name, the layers in a list that PyTorch does not know; both seem to be models."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = [nn.Linear(6, 8), nn.Linear(8, 2), nn.Linear(2, 2)]
        self.held = nn.ParameterList([p for layer in self.steps for p in layer.parameters()])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.steps:
            x = torch.relu(layer(x)) if layer is not self.steps[-1] else layer(x)
        return x

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        return self(x)


class Keywords(nn.Module):
    """Given its batch by name, and answers with an object."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, *, labels: Any = None, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"logits": self.network(inputs)}

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        return self(labels=torch.zeros(len(x)), inputs=x)["logits"]


@pytest.mark.parametrize("by_loss", [True, False], ids=["loss", "loader"])
@pytest.mark.parametrize("kind", [Trainer, Parts, Listed, Keywords])
def test_the_answers_are_those_of_the_whole(kind: type[Any], by_loss: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = kind()
    trace, accuracy = watched(model, model.answer, tmp_path / "t.trace", by_loss)
    found = {s.name: s.values for s in trace.signals if not s.name.startswith("parameter")}
    assert found["validation.accuracy"] == pytest.approx(accuracy)
    assert found["input.mean"].mean() == pytest.approx(3, abs=0.3), "what enters the network, not what its parts hand on"
    assert "validation.feature_mean" in found or "validation.rows" in found


def test_models_of_one_class_have_names_of_their_own(tmp_path: Path) -> None:
    model = Listed()
    trace, _ = watched(model, model.answer, tmp_path / "t.trace", True)
    layers = {s.place.name for s in trace.each("activation.std") if s.place.kind == "Linear"}
    assert len(layers) == 3, layers


def test_a_cell_that_walks_through_time_is_no_door(tmp_path: Path) -> None:
    """It is given the state that it gave before: neither the batch, nor an answer."""
    torch.manual_seed(0)
    parts = nn.ModuleDict({"cell": nn.Linear(6, 6), "out": nn.Linear(6, 2)})

    def answer(x: torch.Tensor) -> torch.Tensor:
        for _ in range(5):
            x = torch.tanh(parts["cell"](x))
        return parts["out"](x)

    trace, _ = watched(parts, answer, tmp_path / "t.trace", False)
    assert "validation.accuracy" not in trace.names()
    assert not trace.facts.disarmed


def test_a_model_that_is_called_itself_after_all(tmp_path: Path) -> None:
    """While its backbone alone is trained that is the door; then the model is."""
    torch.manual_seed(0)

    class Two(Parts):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.answer(x)

    model, calls = Two(), [0]

    def answer(x: torch.Tensor) -> torch.Tensor:
        calls[0] += 1
        return model.backbone(x) if calls[0] <= 3 else model(x)

    trace, accuracy = watched(model, answer, tmp_path / "t.trace", False)
    found = next(s.values for s in trace.signals if s.name == "validation.accuracy")
    assert found == pytest.approx(accuracy)
