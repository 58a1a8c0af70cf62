"""The passes in C give what torch and numpy give, refuse what they cannot read, and nothing needs them."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from array import array
from pathlib import Path

import numpy as np
import pytest
import torch

from unstuck.attach import excerpts, passes
from unstuck.attach.excerpts import Pool, norms_of, row_of, strided_rows
from unstuck.probes import activations
from unstuck.probes.parameters import equal_rows
from unstuck.training import Parameters

SOURCE = Path(passes.__file__).with_name("passes.c")


@pytest.fixture(scope="module", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The library of this very source, whatever was installed."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    path = tmp_path_factory.mktemp("passes") / "_passes.so"
    subprocess.run(["cc", "-O3", "-shared", "-fPIC", "-ffp-contract=off", "-o", path, SOURCE, "-lm"], check=True)
    before, passes.library = passes.library, passes.load(path)
    assert passes.library is not None
    yield  # type: ignore[misc]
    passes.library = before


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "library", None)


@pytest.mark.parametrize("sizes", [[1, 7, 8, 31, 32, 33], [4096, 64], [100_000, 0, 5]])
def test_norms(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = [torch.randn(n) for n in sizes]
    assert passes.norms(tensors) is not None
    found = norms_of(tensors)
    without(monkeypatch)
    assert np.allclose(found, norms_of(tensors), rtol=1e-5)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e25, 1e-30])
def test_norms_leave_the_range_where_torch_does(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = [torch.full((50,), value), torch.cat([torch.ones(40), torch.tensor([value])])]
    found = norms_of(tensors)
    without(monkeypatch)
    assert np.array_equal(found, norms_of(tensors), equal_nan=True)


@pytest.mark.parametrize("size", [1, 7, 32, 33, 4096, 4099])
def test_one_norm_is_that_of_many(size: int) -> None:
    tensor = torch.randn(size)
    row = passes.norms([tensor])
    assert row is not None and passes.norm(tensor) == row[0]


def test_rows_are_the_same_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = [torch.randn(s) for s in [(3, 4), (64, 64), (1,), (1024,), (1025,), (7, 999)]]
    found = row_of(tensors)
    assert np.array_equal(found, row_of(tensors)) and len(found) == sum(excerpts.elements(tensors))
    without(monkeypatch)
    assert np.array_equal(found, row_of(tensors))


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("shape", [(64, 64), (64, 10), (3,), (32, 5, 700), (4, 3, 9, 9), (200, 2000), (1, 1)])
def test_excerpts_are_the_same_elements(shape: tuple[int, ...], first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    tensor = torch.randn(shape)
    pool = Pool()
    found = [np.array(strided_rows(t, first, pool)) for t in (tensor, tensor.clone())]
    pool.clear()
    found.append(np.array(strided_rows(tensor, first, pool)))  # where an earlier step's lay
    without(monkeypatch)
    plain = strided_rows(tensor, first, Pool())
    assert all(np.array_equal(f, plain) for f in found)


def test_excerpts_of_strange_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    base = torch.randn(40, 30)
    strange = [
        base.T,
        base[::2, ::3],
        base[:1].expand(50, 30),
        base.double(),
        torch.randn(4, 6, 5, 5).to(memory_format=torch.channels_last),
    ]
    pool = Pool()
    found = [strided_rows(t, t.dim() > 3, pool) for t in strange]
    without(monkeypatch)
    for one, t in zip(found, strange, strict=True):
        assert np.array_equal(one, strided_rows(t, t.dim() > 3, Pool()))


def test_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    shapes = [(8, 128), (16, 64), (64, 10), (1024, 1), (8, 7), (1, 9), (100, 17)]
    values = [np.maximum(rng.normal(3, 0.1 + i, s), 0).astype(np.float32) for i, s in enumerate(shapes)]
    values += [np.full((8, 8), 2.0, np.float32), np.tanh(rng.normal(0, 3, (16, 20))).astype(np.float32)]
    kinds = ["ReLU"] * 8 + ["Tanh"]
    found = passes.moments(values, *activations.bounds(kinds))
    assert found is not None
    plain = activations.moments(values, activations.Layout(tuple(v.shape for v in values)))
    assert np.allclose(found[:5], np.stack(plain), rtol=1e-5, atol=1e-6)
    assert found[4, 7] == 0.0  # no spread at all
    assert found[5, 8] == activations.at_bound("Tanh", values[8]) > 0
    assert not found[5, :8].any()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", [(0, 0), (5, 9), (3, 4)])  # the first row, the odd units at the end, the middle
def test_moments_of_what_is_not_finite(bad: float, where: tuple[int, int]) -> None:
    value = np.random.default_rng(0).normal(size=(8, 10)).astype(np.float32)
    value[where] = bad
    found = passes.moments([value], *activations.bounds(["Tanh"]))
    assert found is not None
    with np.errstate(all="ignore"):
        plain = activations.moments([value], activations.Layout((value.shape,)))
        share = activations.at_bound("Tanh", value)
    assert np.allclose(found[:5], np.stack(plain), rtol=1e-5, atol=1e-6, equal_nan=True)
    assert found[5, 0] == share


@pytest.mark.parametrize("bad", [None, math.nan, math.inf])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("shape", [(2, 2), (7, 5), (64, 33)])
def test_equal_rows(shape: tuple[int, int], turned: bool, bad: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    weight = torch.randn(shape)
    weight[1 : 1 + shape[0] // 2] = weight[0] * (1 + 1e-7)
    weight = weight.T.contiguous().T if turned else weight
    if bad is not None:
        weight[-1, -1] = bad
    found = [equal_rows(weight), equal_rows(weight.T)]
    assert passes.equal_rows(weight) is not None and (found[0] > 0 or bad is not None)
    without(monkeypatch)
    assert found == pytest.approx([equal_rows(weight), equal_rows(weight.T)], rel=1e-6)


def test_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = (np.random.default_rng(i).normal(size=20).astype(np.float32) for i in (0, 1))
    before[10:12] = 0
    part = Parameters((), [], [], np.empty(0), np.empty(0), before, after, [3, 0, 7, 2, 8])
    found = part.changes()
    without(monkeypatch)
    plain = part.changes()
    assert found is not None and plain is not None and np.allclose(found, plain, rtol=1e-6, equal_nan=True)


def test_what_cannot_be_read_is_refused() -> None:
    plain = torch.randn(4, 4)
    for other in (
        plain.double(),
        plain.T,
        plain.half(),
        plain.to_sparse(),
        torch.randn(3, dtype=torch.cfloat).conj().imag,
        plain.to("meta"),
    ):
        assert passes.norms([plain, other]) is None and passes.rows([other], 8) is None and passes.norm(other) is None
    assert passes.moments([np.ones((2, 3))], array("f", [0]), array("f", [1])) is None
    assert passes.moments([np.ones((4, 6), np.float32).T], array("f", [0]), array("f", [1])) is None
    assert passes.changes(np.ones(3, np.float32), np.ones(4, np.float32), [4]) is None


def test_a_missing_or_foreign_library(tmp_path: Path) -> None:
    (tmp_path / "x.so").write_bytes(b"for another machine")
    assert passes.load(tmp_path / "x.so") is None and passes.load(tmp_path / "none.so") is None


@pytest.mark.parametrize(
    "other",
    [
        f"int64_t unstuck_version(void) {{ return {passes.VERSION - 1}; }}",
        "int64_t unstuck_release(void) { return 2; }",  # as before versions had numbers
    ],
)
def test_a_library_of_another_version_is_left_alone(other: str, tmp_path: Path) -> None:
    """What an upgrade without a compiler may leave behind: functions of these names that take other arguments."""
    own = f"int64_t unstuck_version(void) {{ return {passes.VERSION}; }}"
    source = SOURCE.read_text()
    assert source.count(own) == 1
    for text, fits in ((source, True), (source.replace(own, other), False)):
        (tmp_path / "passes.c").write_text(text)
        library = tmp_path / f"{fits}.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, tmp_path / "passes.c", "-lm"], check=True)
        assert (passes.load(library) is not None) == fits


SCRIPT = """
import sys, torch, unstuck
from pathlib import Path
from unstuck.attach import passes
passes.library = passes.load(Path(sys.argv[2])) if sys.argv[2] else None
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(6, 33), torch.nn.ReLU(), torch.nn.Linear(33, 9), torch.nn.Tanh(), torch.nn.Linear(9, 3))
o = torch.optim.Adam(net.parameters())
with unstuck.watch(net, o, trace=Path(sys.argv[1]), budget=None):
    for _ in range(12):
        o.zero_grad()
        torch.nn.functional.cross_entropy(net(torch.randn(40, 6)), torch.randint(0, 3, (40,))).backward()
        o.step()
"""


@pytest.mark.slow
def test_a_trace_holds_the_same_either_way(tmp_path: Path) -> None:
    from unstuck.store import load

    library = tmp_path / "_passes.so"
    subprocess.run(["cc", "-O3", "-shared", "-fPIC", "-ffp-contract=off", "-o", library, SOURCE, "-lm"], check=True)
    traces = []
    for i, path in enumerate((str(library), "")):
        subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path / f"{i}.trace", path], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        traces.append({(s.name, s.place.name): s for s in load(tmp_path / f"{i}.trace").signals if s.name != "step.seconds"})
    compiled_run, plain = traces
    assert compiled_run.keys() == plain.keys() and len(plain) > 50
    for key, signal in plain.items():
        assert np.array_equal(signal.steps, compiled_run[key].steps), key
        assert np.allclose(signal.values, compiled_run[key].values, rtol=1e-4, atol=1e-6, equal_nan=True), key
