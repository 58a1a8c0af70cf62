"""Half of the nodes of a chain do without a hook, and the gradients are the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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


class Turning(nn.Module):
    """The same calls and as many nodes in every forward pass, but in turns the way around is another."""

    def __init__(self, around: Callable[[int], int]) -> None:
        super().__init__()
        self.layers, self.around, self.passes = nn.ModuleList(nn.Linear(5, 5) for _ in range(8)), around, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        outputs = [x]
        for layer in self.layers:
            output = layer(outputs[-1])
            outputs.append(output + outputs[self.around(self.passes)] if layer is self.layers[6] else output)
        return outputs[-1][:, :3]


class Branches(nn.Module):
    """Two branches of as many nodes, called both and used in turns."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.left, self.right, self.last = nn.Linear(5, 5), chain(5), chain(5), nn.Linear(5, 3)
        self.passes = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        x = self.first(x)
        left, right = self.left(x), self.right(x)
        used, other = (left, right) if self.passes % 2 else (right, left)
        return self.last(used + self.left[0](used) if self.passes % 3 else used + self.left[0](other))


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


def chain(outputs: int = 3) -> nn.Sequential:
    return nn.Sequential(*(m for _ in range(4) for m in (nn.Linear(5, 5), nn.ReLU())), nn.Linear(5, outputs))


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
    put: list[int] = []
    original = NodeHooks.put

    def counted(self: NodeHooks, *args: object) -> list[object]:
        handles = original(self, *args)  # type: ignore[arg-type]
        put.append(len(handles))
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
    # The first backward pass is one of those that are checked, with a hook on every node.
    return sum(put[1:]), {f"{s.name}@{s.place.name}": s.values for s in trace.signals if s.name.startswith("gradient.")}


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


@pytest.mark.parametrize(
    "make", [lambda: Turning(lambda i: 1 + i % 5), lambda: Turning(lambda i: 2 + 3 * (i % 2)), Branches], ids=["five", "two", "branches"]
)
def test_gradients_of_a_graph_that_changes_its_shape_and_not_its_size(make: Callable[[], nn.Module], tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    wanted: dict[tuple[str, int], float] = {}
    with unstuck.watch(model, optimizer, trace=tmp_path / "t.trace", budget=None):
        for step in range(24):
            kept: dict[str, torch.Tensor] = {}

            def keep(module: nn.Module, args: object, output: torch.Tensor, name: str, kept: dict[str, torch.Tensor] = kept) -> None:
                output.retain_grad()
                kept[name if name not in kept else f"{name}#2"] = output

            handles = [m.register_forward_hook(partial(keep, name=n)) for n, m in model.named_modules() if isinstance(m, nn.Linear)]
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(torch.randn(6, 5)), torch.randint(0, 3, (6,))).backward()
            wanted |= {(name, step): float(o.grad.norm()) for name, o in kept.items() if o.grad is not None}
            optimizer.step()
            for handle in handles:
                handle.remove()
    found = {
        (s.place.name, int(step)): value
        for s in load(tmp_path / "t.trace").signals
        if s.name == "gradient.norm"
        for step, value in zip(s.steps, s.values, strict=True)
    }
    for key, norm in wanted.items():
        assert found[key] == pytest.approx(norm, rel=1e-5), key


class Two(nn.Module):
    """A chain, and an output of its own from its middle."""

    def __init__(self, cut: int) -> None:
        super().__init__()
        self.layers, self.cut = chain(), cut

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        middle = self.layers[: self.cut](x)
        return self.layers[self.cut :](middle), middle


@pytest.mark.parametrize("cut", [4, 5])
def test_several_tensors_that_are_differentiated_together(cut: int, tmp_path: Path) -> None:
    """What the graph of the second one sends into that of the first is seen."""
    torch.manual_seed(0)
    model = Two(cut)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    wanted = []
    with unstuck.watch(model, optimizer, trace=tmp_path / "t.trace", budget=None):
        for _ in range(4):
            optimizer.zero_grad()
            out, middle = model(torch.randn(6, 5))
            middle.retain_grad()
            torch.autograd.backward([nn.functional.cross_entropy(out, torch.randint(0, 3, (6,))), middle.square().mean()])
            wanted.append(float(middle.grad.norm()))
            optimizer.step()
    found = next(s for s in load(tmp_path / "t.trace").signals if s.name == "gradient.norm" and s.place.name == f"layers.{cut - 1}")
    assert found.values == pytest.approx(wanted, rel=1e-5)


def test_tensors_that_can_be_gone_through_only_once(tmp_path: Path) -> None:
    model = Two(4)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with unstuck.watch(model, optimizer, trace=tmp_path / "t.trace", budget=None):
        out, middle = model(torch.randn(6, 5))
        torch.autograd.backward(t.square().mean() for t in (out, middle))
        optimizer.step()
    trace = load(tmp_path / "t.trace")
    assert not trace.facts.disarmed and all(p.grad is not None for p in model.parameters())


def scaled(module: nn.Module, given: tuple[torch.Tensor, ...], *_: object) -> tuple[torch.Tensor, ...]:
    return tuple(g * 7 for g in given)


@pytest.mark.parametrize("which", [3, 4, None], ids=["layer", "next", "container"])
@pytest.mark.parametrize("kind", ["register_full_backward_hook", "register_full_backward_pre_hook", "register_backward_hook"])
@pytest.mark.filterwarnings("ignore")
def test_hooks_of_modules_that_change_gradients(kind: str, which: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a hook on every node and on half of them."""

    def make() -> nn.Module:
        model = nn.Sequential(chain(5), chain(5), nn.Linear(5, 3))
        inner = model[1]
        hook = (
            (lambda m, i, o: tuple(g * 7 if g is not None and g.dim() > 1 else g for g in i))
            if kind == "register_backward_hook"
            else scaled
        )
        getattr(inner if which is None else inner[which], kind)(hook)
        return model

    few, found = gradients(tmp_path / "few.trace", make, plain, False)
    monkeypatch.setattr("unstuck.attach.places.spare", lambda watched, nodes: None)
    many, everything = gradients(tmp_path / "many.trace", make, plain, False)
    assert found.keys() == everything.keys() and len(found) > 8 and few <= many
    for name, values in everything.items():
        assert np.array_equal(found[name], values, equal_nan=True), name


@pytest.mark.parametrize("kind", ["register_prehook", "register_hook"])
@pytest.mark.parametrize("which", range(1, 9))
def test_hooks_of_the_script_on_the_nodes_themselves(which: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing tells of them, and they change gradients between two nodes: half of the hooks would not see that."""

    def run(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
        for i, layer in enumerate(model):  # type: ignore[arg-type]
            x = layer(x)
            if i == which:
                getattr(x.grad_fn, kind)(lambda *given: tuple(g * 7 if g is not None and g.dim() > 1 else g for g in given[0]))
        return x

    _, found = gradients(tmp_path / "few.trace", chain, run, False)
    monkeypatch.setattr("unstuck.attach.places.spare", lambda watched, nodes: None)
    _, everything = gradients(tmp_path / "many.trace", chain, run, False)
    assert found.keys() == everything.keys() and len(found) > 8
    for name, values in everything.items():
        assert np.array_equal(found[name], values, equal_nan=True), name


def test_a_forward_pass_whose_graph_outlives_another_optimizers_step(tmp_path: Path) -> None:
    """A generator is called once, before the judge's step, and differentiated after it: its layers are the same places, in the same graph."""
    torch.manual_seed(0)
    maker, judge = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 5)), chain(1)
    of_maker, of_judge = torch.optim.SGD(maker.parameters(), 0.01), torch.optim.SGD(judge.parameters(), 0.01)
    wanted = []
    with unstuck.watch([maker, judge], [of_maker, of_judge], trace=tmp_path / "t.trace", budget=None):
        for _ in range(6):
            hidden = maker[0](torch.randn(6, 4))
            hidden.retain_grad()
            fake = maker[2](maker[1](hidden))
            of_judge.zero_grad()
            (judge(torch.randn(6, 5)).mean() - judge(fake.detach()).mean()).backward()
            of_judge.step()
            of_maker.zero_grad()
            judge(fake).mean().backward()
            wanted.append(float(hidden.grad.norm()))
            of_maker.step()
    trace = load(tmp_path / "t.trace")
    assert not [p.name for p in trace.facts.places if p.kind.startswith("functional")], "no node without a name"
    first = next(p for p in trace.facts.places if p.kind == "Linear")
    assert first.role == "hidden"
    found = next(s.values for s in trace.signals if s.name == "gradient.norm" and s.place.name == first.name)
    assert found == pytest.approx(wanted[: len(found)], rel=1e-5) and len(found) >= 5
