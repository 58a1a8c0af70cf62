"""Watching changes nothing: not a bit of the weights, the optimizer's state or the random streams; and no error of ours comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from loops import LOOPS
from torch.nn.modules import module as torch_module
from torch.optim import optimizer as torch_optimizer
from torch.utils.data import dataloader

import unstuck
from unstuck.attach.hooks import Hooks
from unstuck.attach.observer import Observer
from unstuck.recorder import Recorder
from unstuck.records import Trace
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


@pytest.mark.parametrize("name", LOOPS)
def test_bits_are_the_same_and_the_training_was_seen(name: str, tmp_path: Path) -> None:
    bare = LOOPS[name]()
    assert same(bare, LOOPS[name]()), "the loop itself does not repeat"
    final, trace = watched(name, tmp_path / "full.trace")
    assert same(bare, final)
    assert not trace.facts.disarmed, trace.facts.disarmed
    assert trace.facts.steps >= 3 and trace.facts.sampled == trace.facts.steps
    assert "loss.value" in trace.names()
    if name.startswith("compiled"):
        assert {"update.ratio", "parameter.gradient_norm"} <= trace.names()
        assert any("compiled" in b.what for b in trace.facts.blind)
        return
    assert "gradient.norm" in trace.names()
    if name != "manual_sgd":
        assert {"update.ratio", "activation.std", "parameter.norm"} <= trace.names()


@pytest.mark.parametrize("name", ["plain", "cnn_with_dropout_and_bn", "lstm", "transformer"])
def test_bits_are_the_same_at_the_default_budget(name: str, tmp_path: Path) -> None:
    final, trace = watched(name, tmp_path / "budget.trace", 0.02)
    assert same(LOOPS[name](), final)
    assert trace.facts.sampled <= trace.facts.steps


def patched_attributes() -> list[Any]:
    return [
        torch.autograd.backward,
        torch.optim.Optimizer.__init__,
        torch.nn.Module.__init__,
        torch.nn.Module.train,
        torch.nn.functional.cross_entropy,
        torch.nn.utils.clip_grad_norm_,
        torch.no_grad.__enter__,
        torch.set_grad_enabled.__init__,
        dataloader._BaseDataLoaderIter.__next__,
        torch.amp.GradScaler.scale,
        *torch_module._global_forward_hooks,
        *torch_module._global_forward_pre_hooks,
        *torch_optimizer._global_optimizer_pre_hooks,
        *torch_optimizer._global_optimizer_post_hooks,
    ]


def test_nothing_is_left_attached(tmp_path: Path) -> None:
    before = patched_attributes()
    watched("plain", tmp_path / "a.trace")
    assert patched_attributes() == before


ENTRIES = [
    *(
        (Observer, n)
        for n in ("forward", "saw_loss", "fetched", "before_backward", "after_backward", "before_step", "after_step", "know_optimizer")
    ),
    *(
        (Observer, n)
        for n in (
            "_root_forward",
            "_note_leftover",
            "_note_loss",
            "_watch_nodes",
            "_sample",
            "_end_step",
            "end_validation",
            "functional_call",
        )
    ),
    *((Recorder, n) for n in ("step_done", "phase_done", "_record", "_append", "_note_batch")),
]


@pytest.mark.parametrize(("owner", "entry"), ENTRIES, ids=lambda v: v if isinstance(v, str) else v.__name__)
def test_an_error_of_ours_never_reaches_the_script(owner: type, entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = LOOPS["cnn_with_dropout_and_bn"]()

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError(f"{entry} is broken")

    monkeypatch.setattr(owner, entry, broken)
    final, trace = watched("cnn_with_dropout_and_bn", tmp_path / "broken.trace")
    assert same(bare, final)
    if entry != "functional_call":  # a convolutional net of modules makes none
        assert any("is broken" in e for e in trace.facts.disarmed.values())


def test_a_broken_probe_is_told_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from unstuck.probes.gradients import Gradients

    def broken(self: object, sample: object) -> None:
        raise ValueError("no gradients today")

    monkeypatch.setattr(Gradients, "measure", broken)
    _, trace = watched("plain", tmp_path / "probe.trace")
    assert trace.facts.disarmed == {"gradients": "ValueError: no gradients today"}
    assert "gradient.norm" not in trace.names() and "activation.std" in trace.names()


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
