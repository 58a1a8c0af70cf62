"""Watching changes nothing: not a bit of the weights, the optimizer's state or the random streams; and no error of ours comes out."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import library_loops  # noqa: F401 - registers its loops
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from loops import LOOPS, state
from torch.nn.modules import module as torch_module
from torch.optim import optimizer as torch_optimizer
from torch.utils.data import dataloader

import unstuck
from unstuck import plugins
from unstuck.attach import data_flow, discovery, excerpts, graph, loss_graph, metrics, nonfinite, windows
from unstuck.attach.changes import Alterations, Fingerprints
from unstuck.attach.doors import Doors
from unstuck.attach.doorway import Doorway
from unstuck.attach.held_out import HeldOut
from unstuck.attach.hooks import Hooks
from unstuck.attach.layouts import Layouts
from unstuck.attach.metrics import Score
from unstuck.attach.models import Models
from unstuck.attach.module_names import ModuleNames
from unstuck.attach.observer import Observer
from unstuck.attach.ownership import Ownership
from unstuck.attach.phases import Phases
from unstuck.attach.places import PlaceBook
from unstuck.attach.propagation import Propagation
from unstuck.attach.scaling import LossScaling
from unstuck.attach.updates import Updates
from unstuck.attach.watch_backward import BackwardPasses
from unstuck.attach.watch_comparisons import Comparisons
from unstuck.attach.watch_forward import ForwardPasses
from unstuck.attach.watch_functions import FunctionCalls
from unstuck.attach.watch_steps import OptimizerSteps
from unstuck.budget import Budget
from unstuck.recorder import Recorder
from unstuck.records import Facts, Trace
from unstuck.store import load

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def watched(name: str, path: Path, budget: float | None = None) -> tuple[list[torch.Tensor], Trace]:
    recorder = Recorder(path, budget=budget)
    recorder.start()
    try:
        final = LOOPS[name]()
    finally:
        recorder.stop("finished")
    return final, load(path)


def same(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


SIGNALS = {"loss.value", "activation.std", "gradient.norm", "parameter.norm", "parameter.gradient_norm", "update.ratio"}
#: What cannot be seen of a loop.
UNSEEN = {
    "compiled": {"activation.std", "gradient.norm"},
    "compiled_with_its_loss": {"activation.std", "gradient.norm"},
    "functional_gradients_with_an_optimizer": {"gradient.norm"},
    "functional_without_an_optimizer": {"gradient.norm"},
    "gradients_of_every_sample": {"loss.value", "activation.std", "gradient.norm"},
}
#: Loops with a phase without gradients on other data.
VALIDATING = {
    *("plain", "cnn_with_dropout_and_bn", "lstm", "gru", "rnn", "shared_weights", "checkpointing", "checkpointing_reentrant"),
    *("functional_inplace_custom", "frozen_backbone", "weight_averaging", "trainer_with_accelerator"),
    *("closure_in_step_of_a_lightning_kind", "attention_behind_sparse_embedding", "encoder_with_nested_tensors_in_evaluation"),
}


@pytest.mark.parametrize("name", LOOPS)
def test_bits_are_the_same_and_the_training_was_seen(name: str, tmp_path: Path) -> None:
    bare = LOOPS[name]()
    assert same(bare, LOOPS[name]()), "the loop itself does not repeat"
    final, trace = watched(name, tmp_path / "full.trace")
    assert same(bare, final)
    assert not trace.facts.disarmed, trace.facts.disarmed
    assert trace.facts.steps >= 3 and trace.facts.sampled == trace.facts.steps
    unseen = UNSEEN.get(name, set())
    assert trace.names() & SIGNALS == SIGNALS - unseen
    assert not unseen or trace.facts.blind, "and the trace says so"
    assert "validation" in trace.facts.phases or name not in VALIDATING


@pytest.mark.parametrize("name", ["plain", "cnn_with_dropout_and_bn", "lstm", "transformer"])
def test_bits_are_the_same_at_the_default_budget(name: str, tmp_path: Path) -> None:
    final, trace = watched(name, tmp_path / "budget.trace", 0.02)
    assert same(LOOPS[name](), final)
    assert trace.facts.sampled <= trace.facts.steps


def of_torch() -> dict[str, int]:
    """Identities of everything that torch's modules and classes hold and that could be patched; the number of global hooks."""
    import multiprocessing.process

    owners: list[Any] = [
        *(torch, torch.nn.functional, torch.autograd, torch.autograd.graph, torch.autograd.graph.saved_tensors_hooks, torch.nn.utils),
        *(torch.nn.utils.clip_grad, torch.nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler, torch.Tensor),
        *(dataloader, dataloader._BaseDataLoaderIter, dataloader.DataLoader, torch.amp.GradScaler, torch.no_grad, torch.inference_mode),
        *(torch.set_grad_enabled, torch.enable_grad, multiprocessing.process.BaseProcess, torch.multiprocessing),
    ]
    found = {f"{o.__name__}.{name}": id(value) for o in owners for name, value in list(vars(o).items())}
    hooks = (
        torch_module._global_forward_hooks,
        torch_module._global_forward_pre_hooks,
        torch_module._global_backward_hooks,
        torch_module._global_backward_pre_hooks,
        torch_optimizer._global_optimizer_pre_hooks,
        torch_optimizer._global_optimizer_post_hooks,
    )
    return found | {f"hooks {i}": len(h) for i, h in enumerate(hooks)}


@pytest.mark.parametrize("name", ["plain", "amp_skipping_plain", "compiled", "unseeded_validation_without_eval"])
def test_nothing_is_left_attached(name: str, tmp_path: Path) -> None:
    LOOPS[name]()  # what torch itself loads late
    before = of_torch()
    watched(name, tmp_path / "a.trace")
    assert of_torch() == before
    assert not torch.overrides._get_current_function_mode_stack()


@pytest.mark.slow
def test_models_carry_nothing_of_ours(tmp_path: Path) -> None:
    """A model saved in the middle of a watched run opens where there is no unstuck."""
    import subprocess
    import sys

    recorder = Recorder(tmp_path / "t.trace", budget=None)
    recorder.start()
    try:
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 2))
        optimizer = torch.optim.Adam(model.parameters())
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
        for _ in range(3):
            optimizer.zero_grad()
            model(torch.randn(16, 4)).square().mean().backward()
            torch.save({"model": model, "optimizer": optimizer.state_dict(), "schedule": scheduler.state_dict()}, tmp_path / "middle.pt")
            torch.save(optimizer, tmp_path / "optimizer.pt")
            optimizer.step()
            scheduler.step()
    finally:
        recorder.stop("finished")
    for module in model.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks and not module._backward_hooks
    assert not optimizer._optimizer_step_pre_hooks and not optimizer._optimizer_step_post_hooks
    assert "unstuck" not in (tmp_path / "middle.pt").read_bytes().decode("latin-1")
    code = (
        "import sys, torch; kept = torch.load('middle.pt', weights_only=False); print(kept['model'](torch.ones(2, 4)).shape); "
        "torch.load('optimizer.pt', weights_only=False).step(); assert not [m for m in sys.modules if m.startswith('unstuck')]"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "[2, 2]" in done.stdout, done.stderr


class Small(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8)
        self.layer, self.last = torch.nn.GRU(8, 8), torch.nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.dropout(torch.relu(self.norm(self.first(x))), 0.1, self.training)
        return self.last(self.layer(x[None])[0][0])


def many_ways() -> list[torch.Tensor]:
    """A short training that calls every entry of ours: loss scaling, clipping, validation, losses and answers by hand, no optimizer."""
    torch.manual_seed(0)
    model = Small()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    data = torch.utils.data.TensorDataset(torch.randn(18, 4), torch.arange(18) % 3)
    for i, (x, y) in enumerate(torch.utils.data.DataLoader(data, batch_size=6, shuffle=True)):
        model.train()
        optimizer.zero_grad()
        out = model(x)
        loss = F.cross_entropy(out, y) if i else ((out - F.one_hot(y, 3).float()) ** 2).mean()
        scaler.scale(loss * (float("nan") if i == 1 else 1.0)).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        torch.nn.utils.clip_grad_value_(model.parameters(), 0.01)
        scaler.step(optimizer)
        scaler.update()
        schedule.step()
        model.eval()
        with torch.no_grad():
            (model(x).argmax(1) == y).float().mean()
            F.cross_entropy(model(x), y)
    late = torch.optim.SGD([w := torch.ones(4, 1, requires_grad=True)], 0.1)
    (torch.tanh(x @ w)).mean().backward()
    late.step()
    return state(model, optimizer, w)


ENTRIES = (Hooks, ForwardPasses, BackwardPasses, OptimizerSteps, FunctionCalls, Comparisons)
OURS = (
    *(*ENTRIES, Observer, Models, Ownership, Doors, Doorway, Propagation, Updates, Phases, Recorder, Budget),
    *(ModuleNames, PlaceBook, HeldOut, Score, LossScaling, Fingerprints, Alterations, Layouts),
    *(graph, data_flow, loss_graph, nonfinite, excerpts, windows, metrics, discovery),
)
#: Parts that are there before and after watching, or that hold off errors themselves.
NOT_BROKEN = {
    *("__init__", "install", "uninstall", "start", "stop", "release", "errors"),
    *("_differentiate", "arm", "disarm"),
}


def functions_of(owner: Any) -> list[str]:
    home = owner.__name__ if isinstance(owner, types.ModuleType) else owner.__module__
    return [
        n for n, f in vars(owner).items() if n not in NOT_BROKEN and isinstance(f, types.FunctionType | property) and home_of(f) == home
    ]


def home_of(function: Any) -> str:
    return str(getattr(function.fget if isinstance(function, property) else function, "__module__", ""))


def break_it(owner: Any, entry: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make one function of ours raise, everywhere it has been imported; returns a list that is not empty once it was called."""
    calls: list[str] = []

    def broken(*args: object, **kwargs: object) -> None:
        calls.append(entry)
        raise RuntimeError(f"{entry} is broken")

    original = vars(owner)[entry]
    if not isinstance(owner, types.ModuleType):
        monkeypatch.setattr(owner, entry, property(broken) if isinstance(original, property) else broken)
        return calls
    for module in [m for n, m in sys.modules.items() if n.startswith("unstuck") and vars(m).get(entry) is original]:
        monkeypatch.setattr(module, entry, broken)
    return calls


def unharmed(recorder: Recorder, bare: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch) -> Facts:
    """Train in many ways while something of the watcher is broken; the bits are those of the bare run. Mended afterwards."""
    try:
        final = many_ways()
    finally:
        facts = recorder.stop("finished")
    assert same(bare, final)
    monkeypatch.undo()
    recorder.hooks.forward.disarm()  # where it was the way out of the mode that notes call sites that was broken, later tests would run in it
    return facts


@pytest.fixture(scope="module")
def bare() -> list[torch.Tensor]:
    torch.set_num_threads(1)
    return many_ways()


@pytest.mark.parametrize(
    ("owner", "entry"),
    [(o, n) for o in OURS for n in functions_of(o)],
    ids=lambda v: v if isinstance(v, str) else v.__name__.rpartition(".")[2],
)
def test_an_error_of_ours_never_reaches_the_script(
    owner: Any, entry: str, bare: list[torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "broken.trace", budget=None)
    calls = break_it(owner, entry, monkeypatch)
    recorder.start()
    facts = unharmed(recorder, bare, monkeypatch)
    assert load(tmp_path / "broken.trace").facts.exit == "finished"
    if calls:
        assert any("is broken" in e for e in facts.disarmed.values()), facts.disarmed


@pytest.mark.parametrize(
    ("owner", "entry"),
    [(o, n) for o in (*ENTRIES, Observer, Ownership, Doorway, Phases, Recorder, Budget, LossScaling) for n in functions_of(o)],
    ids=lambda v: v if isinstance(v, str) else v.__name__.rpartition(".")[2],
)
def test_nor_does_one_of_a_step_that_is_not_sampled(
    owner: Any, entry: str, bare: list[torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "broken.trace", budget=0.0, dense=0)
    recorder.start()
    recorder.observer.sampling = False
    recorder.hooks.forward.disarm()
    calls = break_it(owner, entry, monkeypatch)
    facts = unharmed(recorder, bare, monkeypatch)
    assert facts.sampled == 0
    if calls:
        assert any("is broken" in e for e in recorder.hooks.errors.values()), recorder.hooks.errors


@pytest.mark.parametrize("name", sorted(plugins.load("probes")))
def test_a_broken_probe_is_told_and_the_others_go_on(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, sample: object) -> None:
        raise ValueError("not today")

    bare = LOOPS["plain"]()
    monkeypatch.setattr(type(plugins.load("probes")[name]), "measure", broken)
    final, trace = watched("plain", tmp_path / "probe.trace")
    assert same(bare, final)
    assert trace.facts.disarmed == {name: "ValueError: not today"}
    assert trace.facts.sampled == trace.facts.steps
    assert ("gradient.norm" in trace.names()) == (name != "gradients") and ("activation.std" in trace.names()) == (name != "activations")


def test_the_hooks_belong_to_one_process_and_thread(tmp_path: Path) -> None:
    import threading

    recorder = Recorder(tmp_path / "t.trace", budget=None)
    recorder.start()
    thread = threading.Thread(target=LOOPS["plain"])
    thread.start()
    thread.join()
    assert isinstance(recorder.hooks, Hooks)
    facts = recorder.stop("finished")
    assert facts.steps == 0 and not facts.disarmed


def test_numbers_that_overflow_raise_no_warning_of_ours(tmp_path: Path) -> None:
    """A script that turns numpy's warnings into errors hears nothing of what we compute from its numbers."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 300), torch.nn.ReLU(), torch.nn.BatchNorm1d(300), torch.nn.Linear(300, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e30)
    with np.errstate(all="raise"), unstuck.watch(model, optimizer, trace=tmp_path / "t.trace", budget=None) as run:
        for _ in range(4):
            optimizer.zero_grad()
            (1e25 * model(1e20 * torch.randn(128, 4))).square().mean().backward()
            optimizer.step()
            with torch.no_grad():
                model(torch.full((8, 4), 3e38))
    assert not run.trace.facts.disarmed
    assert run.trace.facts.steps == 4
