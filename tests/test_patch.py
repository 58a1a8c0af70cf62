"""Remedies as edits: the change and nothing else. `UPDATE_GOLDEN=1 pytest tests/test_patch.py` rewrites the diffs; read what changed."""

from __future__ import annotations

import ast
import difflib
import os
import re
import shutil
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest
import torch

from unstuck import patch, plugins
from unstuck.arms.workplace import Workplace
from unstuck.attach.script import Program, watch_program
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.errors import UsageError
from unstuck.judgement import judge
from unstuck.records import Facts, LossFacts, OptimizerFacts, Patch, Place, Report, Text, Trial, Yardstick
from unstuck.renderers import as_json, as_markdown, as_text
from unstuck.store import load

GOLDEN = Path(__file__).parent / "golden" / "patch"
EXAMPLE = Path(__file__).parents[1] / "examples" / "stuck_digits.py"
ACTIVATIONS = ("relu", "leaky-relu", "prelu", "elu", "gelu", "selu", "softplus", "tanh")
EDITS = {
    "cells": ("he-init", "xavier-init", "orthogonal-init", "clip-gradient-norm", "adam"),
    "towers": (
        *ACTIVATIONS, "he-init", "xavier-init", "orthogonal-init", "batch-norm", "layer-norm", "no-dropout", "no-clipping", "higher-lr",
        "lower-lr", "adam", "adamw", "sgd", "weight-decay", "no-weight-decay", "no-momentum", "clip-gradient-norm", "shuffle",
        "larger-batch", "smaller-batch", "standardise-inputs", "relu+he-init", "adam+lower-lr", "batch-norm+relu+clip-gradient-norm",
    ),
    "functions": (*(a for a in ACTIVATIONS if a != "prelu"), "zero-grad", "clip-gradient-norm", "remove-softmax", "lower-lr", "batch-norm", "he-init", "shuffle", "usual-batch", "smaller-batch"),
    "modes": ("eval-mode", "train-mode", "linear-output", "match-target-shape", "no-dropout", "lower-lr", "batch-norm"),
    "answers": ("remove-sigmoid", "weight-decay"),
    "one_hot": ("cross-entropy", "remove-softmax", "insert-activation", "zero-grad", "lower-lr", "momentum"),
}  # fmt: skip
CASES = [(script, names) for script, all_names in EDITS.items() for names in all_names]


@cache
def facts_of(script: str) -> Facts:
    """What watching three steps of a golden script tells."""
    import tempfile

    before, threads = Path.cwd(), torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(GOLDEN)
        torch.set_num_threads(1)
        try:
            watch_program(Program(f"{script}.py"), trace=Path(folder) / "trace", budget=None, max_steps=3)
            return load(Path(folder) / "trace").facts
        finally:
            os.chdir(before)
            torch.set_num_threads(threads)


def drafted(script: str, names: str) -> Draft:
    return patch.make(Program(f"{script}.py"), GOLDEN, facts_of(script), tuple(names.split("+")))


def draft_of(text: str, tmp_path: Path, facts: Facts | None = None) -> Draft:
    path = tmp_path / "train.py"
    path.write_bytes(text.encode())
    return Draft([Source.read(path, "train.py")], facts or Facts())


@pytest.mark.parametrize(("script", "names"), CASES, ids=lambda v: v)
def test_golden(script: str, names: str) -> None:
    path = GOLDEN / f"{script}.{names}.diff"
    shown = patch.diff(drafted(script, names))
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("script", "names"), CASES, ids=lambda v: v)
def test_a_patch_compiles_applies_and_keeps_every_comment(script: str, names: str, tmp_path: Path) -> None:
    source = drafted(script, names).changed[0]
    compile(source.text, source.name, "exec")
    shutil.copy(GOLDEN / source.name, tmp_path / source.name)
    if shutil.which("git"):
        subprocess.run(["git", "apply", "-"], input=(GOLDEN / f"{script}.{names}.diff").read_bytes(), cwd=tmp_path, check=True)
        assert (tmp_path / source.name).read_text("utf-8") == source.text
    if names != "no-clipping":
        gone = [line for line in difflib.ndiff(source.original.splitlines(), source.text.splitlines()) if line.startswith("- ")]
        kept = {c for c in re.findall(r"#.*", source.original) if c in source.text}
        dropped = set(re.findall(r"#.*", source.original)) - kept
        assert all(any(comment in line for line in gone) for comment in dropped)
        assert not dropped or names == "no-weight-decay", dropped


def test_a_width_that_a_loop_shares_is_changed_once() -> None:
    assert "def __init__(self, width=32, act=nn.Sigmoid):" in drafted("towers", "wider-layers").changed[0].text


def test_every_activation_and_its_line() -> None:
    """Classes, defaults of parameters, functions of torch, of functional, and methods."""
    assert "act=nn.ReLU" in drafted("towers", "relu").changed[0].text
    text = drafted("functions", "gelu").changed[0].text
    assert text.count("F.gelu(") == 3 and "sigmoid" not in text


@pytest.mark.parametrize(
    ("script", "name", "why"),
    [
        ("towers", "input-noise", "no form as an edit"),
        ("towers", "wider-layers", ""),
        ("towers", "leaky-relu", ""),
        ("functions", "prelu", "has weights"),
        ("answers", "shuffle", "order of the samples"),
        ("cells", "usual-batch", "batches are cut"),
        ("cells", "norm-momentum", "No batch norm"),
        ("answers", "lower-lr", "own lr"),
        ("modes", "standardise-inputs", "no single line"),
        ("one_hot", "no-dropout", "no dropout"),
    ],
)
def test_no_faithful_edit_is_said(script: str, name: str, why: str) -> None:
    if not why:
        drafted(script, name)
        return
    with pytest.raises(NoPatch, match=why) as refused:
        drafted(script, name)
    assert re.search(r"[\u4e00-\u9fff]", refused.value.reason.zh)


HEADS = """import torch, torch.nn as nn, torch.nn.functional as F
net = nn.Linear(4, {n})
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.99)
crit = nn.NLLLoss()
loss = crit({head}, y)
"""


@pytest.mark.parametrize(
    ("remedy", "head", "kind", "new"),
    [
        ("softmax-over-classes", "F.log_softmax(net(x), dim=0)", "cross-entropy", "F.log_softmax(net(x), dim=1)"),
        ("softmax-over-classes", "net(x).log_softmax(0)", "cross-entropy", "net(x).log_softmax(1)"),
        ("softmax-over-classes", "nn.LogSoftmax(-2)(net(x))", "cross-entropy", "nn.LogSoftmax(-1)(net(x))"),
        ("sigmoid-for-softmax", "nn.Softmax(dim=1)(net(x))", "bce", "nn.Sigmoid()(net(x))"),
        ("sigmoid-for-softmax", "F.softmax(net(x), 1)", "bce", "torch.sigmoid(net(x))"),
        ("sigmoid-for-softmax", "net(x).softmax(1)", "bce", "torch.sigmoid(net(x))"),
        ("log-probabilities", "net(x)", "nll", "nn.CrossEntropyLoss()"),
        ("usual-momentum", "net(x)", "nll", "momentum=0.9)"),
    ],
)
def test_heads_and_momentum_are_edited_where_they_are_written(remedy: str, head: str, kind: str, new: str, tmp_path: Path) -> None:
    optimizer = OptimizerFacts(kind="SGD", settings={"lr": 0.1, "momentum": 0.99}, file="train.py", line=3)
    facts = Facts(loss=LossFacts(kind=kind), optimizers=(optimizer,))
    draft = draft_of(HEADS.format(n=1 if kind == "bce" else 3, head=head), tmp_path, facts)
    plugins.remedies()[remedy].edit(draft)
    draft.settle()
    text = draft.sources[0].text
    compile(text, "train.py", "exec")
    assert new in text and (head not in text or head == "net(x)")


@pytest.mark.parametrize(
    ("loss", "new"),
    [
        ("((net(x) - y[i]) ** 2).mean()", "((net(x).flatten() - y[i].flatten()) ** 2).mean()"),
        ("pinball(net(x), y[i])", "pinball(net(x).flatten(), y[i].flatten())"),
        ("(1 - y[i] * net(x)).relu().mean()", ""),
        ("(net(x) - y[i]).abs().mean() + (net(x) - 2).mean()", ""),
    ],
)
def test_a_loss_by_hand_gets_rows(loss: str, new: str, tmp_path: Path) -> None:
    text = f"def pinball(pred, target):\n    return (target - pred).abs().mean()\n\nloss = {loss}\nloss.backward()\n"
    draft = draft_of(text, tmp_path, Facts(loss=LossFacts(kind="unknown", input_shape=(8, 1), target_shape=(8,))))
    if not new:
        with pytest.raises(NoPatch):
            plugins.remedies()["match-target-shape"].edit(draft)
        return
    plugins.remedies()["match-target-shape"].edit(draft)
    draft.settle()
    assert draft.sources[0].text == text.replace(loss, new)


@pytest.mark.parametrize(
    ("made", "new"),
    [
        ("net = nn.Linear(4, 3)", "net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 3))"),
        ("net = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, K))",
         "net = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(28 * 28, max(64, 28 * 28)), nn.ReLU(), nn.Linear(max(64, 28 * 28), K)))"),
        ("net = nn.Linear(4, 3); net.weight.data.zero_()", ""),
    ],
)  # fmt: skip
def test_a_hidden_layer_is_written_in_front_of_the_output(made: str, new: str, tmp_path: Path) -> None:
    text = f"import torch.nn as nn\n{made}\n"
    facts = Facts(places=(Place(name="net", kind="Linear", role="output", order=0, file="train.py", line=2),))
    draft = draft_of(text, tmp_path, facts)
    if not new:
        with pytest.raises(NoPatch):
            plugins.remedies()["hidden-layer"].edit(draft)
        return
    plugins.remedies()["hidden-layer"].edit(draft)
    draft.settle()
    assert draft.sources[0].text == text.replace(made, new)


def test_every_remedy_answers_without_facts(tmp_path: Path) -> None:
    """An edit or a sentence, never another error."""
    (tmp_path / "train.py").write_text("print('nothing to train')\n")
    for name in plugins.remedies():
        with pytest.raises(NoPatch) as refused:
            patch.make(Program("train.py"), tmp_path, Facts(), (name,))
        assert "could not be written" not in str(refused.value), refused.value


# ------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_bytes_outside_the_change_stay(tmp_path: Path, newline: str) -> None:
    text = newline.join(["# 注释", "a = 'x'   # keep", "\tb = 1" if False else "b = 1", "", "", 'c = "é"; d = 2'])
    draft = draft_of(text, tmp_path)
    source = draft.sources[0]
    number = next(n for n in source.each(ast.Constant) if n.value == 2)
    source.change(number, "3")
    source.after(source.tree.body[0], ["for i in a:", "    print(i)"])
    draft.settle()
    assert source.text == text.replace("d = 2", "d = 3").replace("b = 1", newline.join(["for i in a:", "    print(i)", "b = 1"]))
    assert source.line(3) == 5 and source.line(2) == 2
    assert source.text.encode() != (tmp_path / "train.py").read_bytes()


def test_lines_behind_the_last_one_and_one_line_blocks(tmp_path: Path) -> None:
    draft = draft_of("x = 1\nif x: y = 2", tmp_path)
    source = draft.sources[0]
    block = source.tree.body[1]
    assert isinstance(block, ast.If)
    source.before(block.body[0], ["z = 3"])
    source.after(block, ["w = 4"])
    draft.settle()
    assert source.text == "x = 1\nif x: z = 3; y = 2\nw = 4"
    with pytest.raises(NoPatch, match="several statements"):
        source.after(source.tree.body[1].body[0], ["v = 5"])  # type: ignore[attr-defined]
    assert "\\ No newline at end of file" in patch.diff(draft)


def test_two_changes_of_one_place_are_refused(tmp_path: Path) -> None:
    source = draft_of("a = f(1)\n", tmp_path).sources[0]
    source.change(next(source.each(ast.Call)), "2")
    source.change(next(source.each(ast.Constant)), "3")
    with pytest.raises(NoPatch, match="same place"):
        source.settle()


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="no git")
def test_writing_keeps_a_backup_and_respects_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draft = draft_of("a = 1\n", tmp_path)
    draft.sources[0].change(next(draft.sources[0].each(ast.Constant)), "2")
    draft.settle()
    git(tmp_path, "init")
    assert "Not written" in str(patch.write(Patch(), draft, force=False).reason)
    with pytest.raises(UsageError, match="not under version control"):
        patch.check(Program("train.py"), force=False)
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-m", "x")
    patch.check(Program("train.py"), force=False)
    assert patch.write(Patch(), draft, force=False).written == ("train.py",)
    assert (tmp_path / "train.py").read_text() == "a = 2\n" and (tmp_path / "train.py.orig").read_text() == "a = 1\n"
    changed = patch.write(Patch(), draft, force=True)
    assert not changed.written and "in the meantime" in str(changed.reason)


def test_an_arm_sees_the_patched_file_and_nobody_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, beside = tmp_path / "home", tmp_path / "beside"
    for path in (home / "pkg" / "net.py", home / ".hidden" / "net.py", beside / "train.py", beside / "other.py"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    overlay = {str(p): b"new" for p in (home / "pkg" / "net.py", home / ".hidden" / "net.py", beside / "train.py")}
    place = Workplace(home, tmp_path / "work", overlay)
    monkeypatch.setattr(sys, "addaudithook", lambda hook: None)
    monkeypatch.setattr(torch, "save", torch.save)
    monkeypatch.setattr(torch.serialization, "save", torch.save)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.chdir(tmp_path)
    place.enter()
    assert Path("pkg/net.py").read_text() == Path(".hidden/net.py").read_text() == "new"
    script = Path(place.inside(str(beside / "train.py")))
    assert script.read_text() == "new" and (script.parent / "other.py").read_text() == "old"
    assert {p.read_text() for p in (*home.rglob("*.py"), *beside.rglob("*.py"))} == {"old"}
    assert place.inside("pkg/net.py") == "pkg/net.py"


# --------------------------------------------------------------------------------------------------------- the report


def test_the_report_shows_it_and_json_only_where_asked() -> None:
    diff = patch.diff(drafted("towers", "lower-lr"))
    trial = Trial(remedies=("lower-lr",), seeds=(0,) * 6, steps=9, yardstick=Yardstick(name="loss"), control=(0.1,) * 6, treated=(0.9,) * 6)
    shown = Patch(remedies=("lower-lr",), diff=diff, verdict=judge(trial))
    report = Report(facts=Facts(script="towers.py", exit="finished", steps=9), best=("lower-lr",), patch=shown)
    text = as_text.render(report)
    assert text.endswith(diff) and re.search(r"run for itself:\s+loss\s+\S+\s+->", text), text
    assert f"```diff\n{diff}" in as_markdown.render(report)
    assert '"patch"' in as_json.render(report) and '"patch"' not in as_json.render(Report(facts=report.facts))
    none = Report(facts=report.facts, patch=Patch(reason=Text("it cannot be", "不行")))
    assert "No patch: It cannot be." in as_text.render(none)


@pytest.mark.slow
def test_the_demo_is_cured_by_its_own_diff(tmp_path: Path) -> None:
    """`treat --apply` on a copy of the demo; then the script itself trains."""
    shutil.copy(EXAMPLE, tmp_path)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "unstuck", "treat", "--apply", "--quiet", "--remedy", "relu+he-init", "--pairs", "6", EXAMPLE.name]
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "+layers = " in said.stdout or "nn.ReLU()" in said.stdout, said.stdout + said.stderr
    assert (tmp_path / "stuck_digits.py.orig").read_bytes() == EXAMPLE.read_bytes()
    trained = subprocess.run([sys.executable, EXAMPLE.name], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert float(trained.stdout.split()[-1]) > 0.9
