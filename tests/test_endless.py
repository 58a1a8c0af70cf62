"""Watching for long: no memory is kept, big nets work, the trace stays bounded."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unstuck.attach.changes import fingerprint
from unstuck.recorder import Recorder
from unstuck.records import Facts, Place
from unstuck.store import load
from unstuck.trace_writer import TraceWriter

SOURCES = str(Path(__file__).parents[1] / "src")


def tiny() -> tuple[nn.Module, torch.optim.Optimizer, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Linear(4, 3)
    return model, torch.optim.SGD(model.parameters(), 1e-3), torch.randn(8, 4), torch.arange(8) % 3


def steps(count: int, model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor) -> None:
    for _ in range(count):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def tensors() -> int:
    gc.collect()
    return sum(issubclass(type(o), torch.Tensor) for o in gc.get_objects())


def test_nothing_of_a_step_is_kept(tmp_path: Path) -> None:
    """Every step sampled: after 20 and after 80 as many tensors are alive, and of their own kind as many objects."""
    recorder = Recorder(tmp_path / "t.trace", budget=None)
    recorder.start()
    try:
        parts = tiny()
        steps(20, *parts)
        early, objects = tensors(), len(gc.get_objects())
        steps(60, *parts)
        assert tensors() == early
        assert len(gc.get_objects()) - objects < 300, "60 steps; what grows by one a step would show"
    finally:
        recorder.stop("finished")
    assert not recorder.hooks.errors


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux only")
def test_50_000_watched_steps_show_no_growth(tmp_path: Path) -> None:
    import tracemalloc

    recorder = Recorder(tmp_path / "t.trace", budget=0.02)
    recorder.start()
    try:
        parts = tiny()
        steps(5_000, *parts)
        gc.collect()
        memory, objects = resident(), len(gc.get_objects())
        steps(43_000, *parts)
        gc.collect()
        assert len(gc.get_objects()) - objects < 1_000
        assert resident() - memory < 8_000_000
        tracemalloc.start()
        steps(500, *parts)
        before = tracemalloc.get_traced_memory()[0]
        steps(1_500, *parts)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 500_000
        tracemalloc.stop()
    finally:
        facts = recorder.stop("finished")
    assert facts.steps == 50_000 and not recorder.hooks.errors


PEAK = """
import resource, sys, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
model = nn.Sequential(*[q for _ in range(49) for q in (nn.Linear(64, 64), nn.Tanh())], nn.Linear(64, 10), nn.Softplus())
optimizer = torch.optim.Adam(model.parameters(), 1e-3)
x, y = torch.randn(64, 64), torch.randint(0, 10, (64,))
def train():
    for _ in range(60):
        optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); optimizer.step()
if sys.argv[1] == "watched":
    import unstuck
    with unstuck.watch(model, optimizer, trace="t.trace", budget=None) as run:
        train()
    assert run.trace.facts.sampled == 60 and len(list(run.trace.each("gradient.norm"))) == 100
else:
    train()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kilobytes on Linux")
def test_a_hundred_places_take_at_most_64_megabytes(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": SOURCES, "OMP_NUM_THREADS": "1"}

    def peak(how: str) -> float:
        done = subprocess.run([sys.executable, "-c", PEAK, how], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return int(done.stdout) / 1024

    bare, watched = peak("bare"), peak("watched")
    print(f"peak {bare:.0f} MB bare, {watched:.0f} MB watched")
    assert watched - bare < 64


@pytest.mark.slow
def test_a_thousand_layers(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(*[q for _ in range(1_000) for q in (nn.Linear(8, 8), nn.Tanh())], nn.Linear(8, 3))
    recorder = Recorder(tmp_path / "t.trace", budget=None)
    recorder.start()
    try:
        steps(3, model, torch.optim.SGD(model.parameters(), 1e-3), torch.randn(8, 8), torch.arange(8) % 3)
    finally:
        recorder.stop("finished")
    assert not recorder.hooks.errors
    trace = load(tmp_path / "t.trace")
    for name, count in (("gradient.norm", 2_001), ("activation.std", 2_001), ("update.ratio", 2_002)):
        assert len(list(trace.each(name))) == count, name
    assert [s.place.order for s in trace.each("gradient.norm")] == sorted(s.place.order for s in trace.each("gradient.norm"))


@pytest.mark.slow
def test_a_million_steps_with_a_hundred_places_stay_below_100_megabytes(tmp_path: Path) -> None:
    """As the recorder writes them at its default budget: the loss at every step, 100 places x 25 signals at every 20th."""
    path = tmp_path / "t.trace"
    places = [Place(name=f"net.{i}", kind="Linear", order=i) for i in range(100)]
    columns = tuple((f"signal.s{j}", p, "") for j in range(25) for p in places)
    every = (("loss.value", Place(name="run", kind="run"), "loss"), ("step.seconds", Place(name="run", kind="run"), "s"))
    writer = TraceWriter(path, Facts())
    row, block, largest = np.linspace(0, 1, 2_500, dtype=np.float32), np.ones((1_000, 2), np.float32), 0
    for start in range(0, 1_000_000, 1_000):
        writer.write_many(every, np.arange(start, start + 1_000), block)
        for step in range(start, start + 1_000, 20):
            writer.write(columns, step, row)
        if start % 10_000 == 0:
            writer.flush(60.0)
            largest = max(largest, path.stat().st_size)
    writer.close()
    largest = max(largest, path.stat().st_size)
    assert writer.error is None and 20e6 < largest < 100e6
    trace = load(path)
    signal = trace.signal("signal.s0", "net.99")
    assert signal is not None and signal.steps[0] == 0 and signal.steps[-1] == 999_980 and len(signal) > 1_000
    loss = trace.signal("loss.value")
    assert loss is not None and loss.steps[-1] == 999_999


def test_a_fingerprint_keeps_nothing_alive() -> None:
    from unstuck.attach.changes import Fingerprints

    fingerprints, p = Fingerprints(), nn.Parameter(torch.ones(3))
    fingerprints.take([p])
    assert fingerprints.changed(p) is False
    with torch.no_grad():
        p[1] += 1e-7
    assert fingerprints.changed(p) is True
    del p
    gc.collect()
    assert all(reference() is None for reference, _ in fingerprints._taken.values())
    assert fingerprints.changed(nn.Parameter(torch.ones(3))) is None and fingerprint(torch.ones(2)).shape == ()
