"""A remedy written into a script trains as the injected one does: the same weights at the end, for two styles of script."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
import torch
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook

from unstuck import patch, plugins
from unstuck.attach.injection import Injection
from unstuck.attach.script import Program, execute, restored_interpreter, watch_program
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Facts
from unstuck.store import load

GOLDEN = Path(__file__).parent / "golden" / "patch"
#: Remedies that draw nothing at random: both arms are one training.
SAME = {
    "epochs": (
        "warm-up", "constant-lr", "schedule-per-epoch", "decay-exempt", "gradient-accumulation", "l1-proximal", "early-stopping",
        "group-norm", "residual", "decay-exempt+warm-up", "constant-lr+early-stopping",
    ),
    "parts": (
        "warm-up", "constant-lr", "schedule-per-epoch", "decay-exempt", "gradient-accumulation", "l1-proximal", "early-stopping",
        "group-norm", "residual", "gradient-accumulation+decay-exempt",
    ),
    "regression": ("warm-up", "lr-decay", "standardise-targets", "gradient-accumulation", "standardise-targets+lr-decay"),
    "trainer": ("warm-up", "lr-decay", "standardise-targets", "gradient-accumulation", "l1-proximal", "forget-gate-bias"),
    "cells": ("forget-gate-bias",),
    "rare": ("class-weights", "train-all-parameters", "class-weights+train-all-parameters"),
    "shared": ("warm-up", "lr-decay", "decay-exempt", "gradient-accumulation", "l1-proximal", "residual"),
    "detector": ("class-weights", "train-all-parameters", "train-all-parameters+residual", "lr-decay"),
}  # fmt: skip
#: Those that draw, or count their classes batch by batch where the script knows all of them.
OTHERS = {
    "epochs": ("dropout", "class-weights"),
    "parts": ("dropout", "class-weights"),
    "shared": ("class-weights",),
    "detector": ("dropout",),
}
CASES = [(script, names) for table in (SAME, OTHERS) for script, all_names in table.items() for names in all_names]


@cache
def facts_of(script: str) -> Facts:
    """What watching a whole golden script tells."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        os.chdir(GOLDEN)
        try:
            watch_program(Program(f"{script}.py"), trace=Path(folder) / "trace", budget=None)
            return load(Path(folder) / "trace").facts
        finally:
            os.chdir(before)


def drafted(script: str, names: str) -> Draft:
    return patch.make(Program(f"{script}.py"), GOLDEN, facts_of(script), tuple(names.split("+")))


def trained(path: Path, remedies: Sequence[str] = (), facts: Facts | None = None, seed: int | None = None) -> tuple[torch.Tensor, int]:
    """All trained parameters after the script's last step, in order of size; and the steps that moved something."""
    live: dict[int, torch.Tensor] = {}
    moved = 0

    def remember(optimizer: Optimizer, args: object, kwargs: object) -> None:
        nonlocal moved
        given = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        live.update((id(p), p) for p in given)
        moved += bool(given)

    known = plugins.remedies()
    injection = Injection([known[name] for name in remedies], facts, seed=0)
    handle = register_optimizer_step_post_hook(remember)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with restored_interpreter(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            injection.install()
            if seed is not None:
                torch.manual_seed(seed)
            try:
                execute(Program(str(path)))
                assert injection.in_force() is not False, injection.errors
            finally:
                injection.uninstall()
    finally:
        handle.remove()
        torch.set_num_threads(threads)
    return torch.cat([p.detach().flatten() for p in live.values()]).sort().values, moved


@pytest.mark.parametrize(("script", "names"), CASES, ids=lambda v: v)
def test_golden(script: str, names: str) -> None:
    path = GOLDEN / f"{script}.{names}.diff"
    shown = patch.diff(drafted(script, names))
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(("script", "names"), [(s, n) for s, every in SAME.items() for n in every], ids=lambda v: v)
def test_the_patched_script_trains_as_the_treated_one(script: str, names: str, tmp_path: Path) -> None:
    path = tmp_path / f"{script}.py"
    path.write_text(drafted(script, names).changed[0].text, encoding="utf-8")
    seed = 5 if script == "cells" else None  # the others seed themselves
    written, steps = trained(path, seed=seed)
    injected, treated_steps = trained(GOLDEN / path.name, names.split("+"), facts_of(script), seed=seed)
    untouched, plain_steps = trained(GOLDEN / path.name, seed=seed)
    assert written.shape == injected.shape
    torch.testing.assert_close(written, injected, rtol=1e-4, atol=1e-5)
    different = written.shape != untouched.shape or not torch.allclose(written, untouched, rtol=1e-4, atol=1e-5)
    assert different, "the remedy changes nothing, so nothing was compared"
    assert steps == treated_steps or ("early-stopping" in names and steps < treated_steps == plain_steps)


@pytest.mark.parametrize(("script", "names"), [(s, n) for s, every in OTHERS.items() for n in every], ids=lambda v: v)
def test_a_patched_script_that_draws_runs_and_differs(script: str, names: str, tmp_path: Path) -> None:
    path = tmp_path / f"{script}.py"
    path.write_text(drafted(script, names).changed[0].text, encoding="utf-8")
    written, steps = trained(path)
    untouched, plain_steps = trained(GOLDEN / path.name)
    assert steps == plain_steps and torch.isfinite(written).all()
    assert written.shape == untouched.shape and not torch.allclose(written, untouched)


# ---------------------------------------------------------------------------------------------------------- refusals


def changed(script: str, old: str, new: str, tmp_path: Path) -> Draft:
    """A golden script in another form, with the facts of its own watched run (whose lines are the same)."""
    text = (GOLDEN / f"{script}.py").read_text("utf-8")
    assert old in text and old.count("\n") == new.count("\n")
    path = tmp_path / f"{script}.py"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return Draft([Source.read(path, path.name)], facts_of(script))


@pytest.mark.parametrize(
    ("script", "name", "old", "new", "why"),
    [
        ("epochs", "lr-decay", "", "", "has a schedule already"),
        ("epochs", "warm-up", "        scheduler.step()  # every batch", '        optimizer.param_groups[0]["lr"] *= 0.99', "sets the rate itself"),
        ("epochs", "warm-up", "StepLR(optimizer, step_size=15, gamma=0.8)", "OneCycleLR(optimizer, 0.2, 120)", "would undo a warm-up"),
        ("epochs", "constant-lr", "StepLR(optimizer, step_size=15, gamma=0.8)", "OneCycleLR(optimizer, 0.2, 120)", "moves the momentum"),
        ("epochs", "schedule-per-epoch", "        scheduler.step()  # every batch", "    scheduler.step()", "No scheduler is stepped once"),
        ("epochs", "schedule-per-epoch", "        scheduler.step()", "        if epoch: scheduler.step()", "under a condition"),
        ("epochs", "decay-exempt", "model.parameters()", "[*model.parameters()]", "as one group"),
        ("epochs", "gradient-accumulation", "        optimizer.step()", "        nn.utils.clip_grad_norm_(model.parameters(), 1); optimizer.step()", "right behind backward"),
        ("epochs", "early-stopping", "val_loss = criterion(model(x_val), y_val)", "print(criterion(model(x_val), y_val))", "keeps a validation loss"),
        ("epochs", "early-stopping", "print(epoch, val_loss.item())", "if epoch > 9: break", ""),
        ("epochs", "class-weights", "TensorDataset(x[:64], y[:64])", "list(zip(x[:64], y[:64]))", "TensorDataset"),
        ("epochs", "class-weights", "CrossEntropyLoss()", "CrossEntropyLoss(label_smoothing=0.1)", "has label_smoothing already"),
        ("parts", "residual", "class Net(", "class Residual(", ""),
        ("parts", "dropout", "def forward(self, x)", "def forward(net, x)", "outside a module"),
        ("regression", "standardise-targets", "net(X_test)", "(lambda v: (net(v)))(X_test)", ""),
        ("detector", "batch-norm", "", "", "does not get the layer features.0"),
        ("detector", "group-norm", "", "", "does not get the layer features.0"),
        ("shared", "early-stopping", "", "", "keeps a validation loss"),
        ("epochs", "residual", "nn.Linear(8, 8)", "torch.nn.Linear(*[8] * 2)", "is not to be read"),
        ("epochs", "train-all-parameters", "", "", "not to be seen"),
        ("epochs", "forget-gate-bias", "", "", "no LSTM or GRU"),
    ],
)  # fmt: skip
def test_a_script_of_another_shape_is_refused_for_a_reason_or_written(
    script: str, name: str, old: str, new: str, why: str, tmp_path: Path
) -> None:
    draft = changed(script, old, new, tmp_path)
    if not why:
        plugins.remedies()[name].edit(draft)
        draft.settle()
        compile(draft.sources[0].text, script, "exec")
        return
    with pytest.raises(NoPatch, match=why) as refused:
        plugins.remedies()[name].edit(draft)
    assert any("\u4e00" <= c <= "\u9fff" for c in refused.value.reason.zh)
