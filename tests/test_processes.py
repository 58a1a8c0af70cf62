"""Several processes: ranks that torchrun or the script itself starts, and workers that only load data."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unstuck.store import load

SOURCES = str(Path(__file__).parents[1] / "src")

DDP = """
import hashlib, os, sys, torch, torch.distributed as dist, torch.multiprocessing as mp, torch.nn as nn, torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

def train(rank, world):
    torch.manual_seed(0); torch.set_num_threads(1)
    x = torch.randn(128, 8)
    data = TensorDataset(x, (x[:, 0] > 0).long())
    model = DistributedDataParallel(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2)))
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    sampler = DistributedSampler(data, world, rank, seed=3)
    for epoch in range(3):
        sampler.set_epoch(epoch)
        for a, b in DataLoader(data, batch_size=16, sampler=sampler):
            optimizer.zero_grad(); F.cross_entropy(model(a), b).backward(); optimizer.step()
    bits = b"".join(p.detach().numpy().tobytes() for p in model.parameters())
    open(f"{OUT}-{rank}", "w").write(hashlib.sha256(bits).hexdigest())

def worker(rank, world, store, *_):
    dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=world)
    train(rank, world)
    dist.destroy_process_group()
"""
STARTS = {
    "spawn": "if __name__ == '__main__': mp.spawn(worker, args=(2, os.path.abspath(OUT + '.store')), nprocs=2)",
    "process": "if __name__ == '__main__':\n    ctx = mp.get_context('fork')\n"
    "    two = [ctx.Process(target=worker, args=(r, 2, os.path.abspath(OUT + '.store'))) for r in range(2)]\n"
    "    [p.start() for p in two]; [p.join() for p in two]; assert [p.exitcode for p in two] == [0, 0]",
    "subclass": "class Rank(mp.get_context('spawn').Process):\n    def __init__(self, rank):\n        super().__init__()\n        self.rank = rank\n"
    "    def run(self):\n        worker(self.rank, 2, os.path.abspath(OUT + '.store'))\n"
    "if __name__ == '__main__':\n"
    "    two = [Rank(r) for r in range(2)]\n    [p.start() for p in two]; [p.join() for p in two]; assert [p.exitcode for p in two] == [0, 0]",
    "torchrun": "dist.init_process_group('gloo'); train(dist.get_rank(), 2); dist.destroy_process_group()",
}

LOADING = """
import glob, os, torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

class Items(Dataset):
    def __len__(self): return 64
    def __getitem__(self, i):
        net = nn.Linear(4, 4)   # some transforms are models
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        net(torch.ones(4)).sum().backward(); optimizer.step()
        return torch.randn(8), torch.tensor(i % 2)

if __name__ == "__main__":
    torch.manual_seed(0); torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in DataLoader(Items(), batch_size=16, shuffle=True, num_workers=2, multiprocessing_context=HOW):
        optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); optimizer.step()
    import hashlib
    open(OUT + "-0", "w").write(hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in model.parameters())).hexdigest())
"""


def python(words: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": SOURCES, "OMP_NUM_THREADS": "1", "TORCH_CPP_LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    environment = {k: v for k, v in environment.items() if k not in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    return done.stdout


def run_both(script: str, folder: Path, how: str = "") -> dict[str, object]:
    """The script bare and watched, its fingerprints compared; the report of the watched run."""
    for name in ("bare", "seen"):
        (folder / f"{name}.py").write_text(script.replace("OUT", repr(name)))
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"] if how == "torchrun" else []
    python([*launch, "bare.py"], folder)
    out = python([*launch, "-m", "unstuck", "run", "--format", "json", "--trace", "seen.trace", "--budget", "full", "seen.py"], folder)
    bits = {p.name.partition("-")[2]: p.read_text() for p in folder.glob("bare-?")}
    assert bits and bits == {p.name.partition("-")[2]: p.read_text() for p in folder.glob("seen-?")}
    return json.loads(out)


@pytest.mark.slow
@pytest.mark.parametrize("how", STARTS)
def test_a_trace_for_each_rank_and_one_report(how: str, tmp_path: Path) -> None:
    report = run_both(DDP + STARTS[how], tmp_path, how)
    traces = [load(tmp_path / f"seen-rank{rank}.trace") for rank in (0, 1)]
    for trace in traces:
        assert trace.facts.steps == trace.facts.sampled == 12 and not trace.facts.disarmed
        assert {"gradient.norm", "activation.std", "update.ratio"} <= trace.names()
        assert all(p.optimizer == 0 and p.changed for p in trace.facts.parameters)
        assert any(p.file == "seen.py" and p.line for p in trace.facts.places)
    assert report["steps"] == 12, "of rank 0"
    norms = [t.signal("gradient.total_norm") for t in traces]
    assert norms[0].values.tolist() == norms[1].values.tolist(), "averaged over the ranks before the step"  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_workers_that_load_data_are_not_watched(how: str, tmp_path: Path) -> None:
    report = run_both(LOADING.replace("HOW", repr(how)), tmp_path)
    assert report["steps"] == 4
    assert [p.name for p in tmp_path.rglob("*.trace")] == ["seen.trace"]


def test_only_the_users_own_functions_are_watched(tmp_path: Path) -> None:
    import multiprocessing
    import multiprocessing.process
    from multiprocessing.pool import worker as of_a_pool

    from torch.multiprocessing.spawn import _wrap
    from torch.utils.data._utils.worker import _worker_loop

    from unstuck.attach.processes import Processes, Watched

    before = multiprocessing.process.BaseProcess.start
    processes = Processes(tmp_path / "t.trace", None, "t.py", str(tmp_path))
    processes.install()
    assert multiprocessing.process.BaseProcess.start is not before
    processes.uninstall()
    assert multiprocessing.process.BaseProcess.start is before
    for target, args in ((_worker_loop, ()), (of_a_pool, ()), (os.getpid, ()), (None, ()), (_wrap, (_worker_loop, 0, (), ""))):
        process = multiprocessing.Process(target=target, args=args)
        processes.wrap(process)
        assert process._target is target  # type: ignore[attr-defined]
    for target, args in ((run_both, ()), (_wrap, (run_both, 1, (), ""))):
        process = multiprocessing.Process(target=target, args=args)
        processes.wrap(process)
        watched = process._target  # type: ignore[attr-defined]
        assert isinstance(watched, Watched) and watched.target is target
    assert watched.trace == tmp_path / "t-rank1.trace"


COMPILED = """
import hashlib, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
model = torch.compile(nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 2)))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for _ in range(6):
    x = torch.randn(16, 8)
    optimizer.zero_grad(); F.cross_entropy(model(x), (x[:, 0] > 0).long()).backward(); optimizer.step()
bits = b"".join(p.detach().numpy().tobytes() for p in model.parameters())
open(OUT + "-0", "w").write(hashlib.sha256(bits).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on the CPU")
def test_compiled_models_by_default(tmp_path: Path) -> None:
    run_both(COMPILED, tmp_path)
    trace = load(tmp_path / "seen.trace")
    assert {"update.ratio", "parameter.gradient_norm", "loss.value"} <= trace.names() and trace.facts.steps == 6
    assert "activation.std" not in trace.names() and any("compiled" in b.what for b in trace.facts.blind)


@pytest.mark.slow
def test_no_compile_shows_the_layers(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(COMPILED.replace("OUT", "'seen'"))
    python(["-m", "unstuck", "run", "--no-compile", "--trace", "seen.trace", "--budget", "full", "seen.py"], tmp_path)
    trace = load(tmp_path / "seen.trace")
    assert {"activation.std", "gradient.norm", "update.ratio"} <= trace.names() and trace.facts.steps == 6
