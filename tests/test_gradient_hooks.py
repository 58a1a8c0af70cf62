"""Half of the nodes of a chain do without a hook, and the gradients are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import unstuck
from unstuck.attach.gradients import NodeHooks
from unstuck.store import load


class Changing(nn.Module):
    """The same calls in every forward pass, and now and then a way around one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.layers, self.passes = nn.Linear(5, 5), nn.ModuleList(nn.Linear(5, 5) for _ in range(6)), 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        x = self.first(x)
        for i, layer in enumerate(self.layers):
            h = layer(x)
            x = h + x if i == 3 and self.passes in (5, 6) else h
        return x[:, :3]


class Residual(nn.Module):
    """Two ways, a shared layer, and a functional activation."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(5, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.tanh(self.first(x))
        h = h + torch.relu(self.second(h))
        return self.last(torch.relu(self.second(h)).flatten(1))


def hooked(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    h = x
    for layer in model:  # type: ignore[attr-defined]
        h = layer(h)
        if isinstance(layer, nn.ReLU):
            h.register_hook(lambda g: g.clamp(-1e-3, 1e-3))
    return h


def plain(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = model(x)
    return out


def chain() -> nn.Module:
    return nn.Sequential(*(m for _ in range(4) for m in (nn.Linear(5, 5), nn.ReLU())), nn.Linear(5, 3))


def with_module_hook() -> nn.Module:
    model = chain()
    model[3].register_full_backward_pre_hook(lambda module, gradients: (gradients[0] * 7,))
    return model


def gradients(
    path: Path, make: Callable[[], nn.Module], run: Callable[..., torch.Tensor], penalty: bool
) -> tuple[int, dict[str, np.ndarray]]:
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    put = 0
    original = NodeHooks.put

    def counted(self: NodeHooks, *args: object) -> list[object]:
        nonlocal put
        handles = original(self, *args)  # type: ignore[arg-type]
        put += len(handles)
        return handles

    NodeHooks.put = counted  # type: ignore[assignment, method-assign]
    try:
        with unstuck.watch(model, optimizer, trace=path, budget=None):
            for step in range(8):
                optimizer.zero_grad()
                kept: list[torch.Tensor] = []
                handle = next(model.children()).register_forward_hook(lambda m, a, o, kept=kept: kept.append(o))
                loss = nn.functional.cross_entropy(run(model, torch.randn(6, 5)), torch.randint(0, 3, (6,)))
                if penalty and step % 2:  # a second consumer of the first layer's output, at every other step
                    loss = loss + kept[0].square().mean()
                loss.backward()
                optimizer.step()
                handle.remove()
    finally:
        NodeHooks.put = original  # type: ignore[method-assign]
    trace = load(path)
    return put, {f"{s.name}@{s.place.name}": s.values for s in trace.signals if s.name.startswith("gradient.")}


@pytest.mark.parametrize("penalty", [False, True])
@pytest.mark.parametrize(
    ("make", "run"), [(chain, plain), (chain, hooked), (with_module_hook, plain), (Residual, plain), (Changing, plain)]
)
def test_the_same_gradients_with_fewer_hooks(
    make: Callable[[], nn.Module], run: Callable[..., torch.Tensor], penalty: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, found = gradients(tmp_path / "few.trace", make, run, penalty)
    monkeypatch.setattr("unstuck.attach.places.spare", lambda watched, nodes: None)
    many, everything = gradients(tmp_path / "many.trace", make, run, penalty)
    assert found.keys() == everything.keys() and len(found) > 8
    for name, values in everything.items():
        assert np.array_equal(found[name], values, equal_nan=True), name
    assert few < many * 0.65 if (make, run) == (chain, plain) else few <= many
