"""What watching costs: watched over bare time of the same training, medians of paired alternating runs in one process.

    python benchmarks/overhead.py [--format json] [--device cuda] [--pairs 9] [--models mlp,cnn,transformer,deep]

Beside it `wandb.watch(log="all")` (offline), torchmortem and neural-observatory at their defaults and at every step (`rivals.py`); a row says
so where one is not installed. One thread; on the CPU the clock is the process's own CPU time, which a busy machine disturbs little, and which counts our writer
thread too. `low` and `high` are the quartiles of the ratios. Rows: model, tool, mode, ratio, low, high, bit_identical, step_ms.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch
import torch.nn.functional as F
from rivals import Watch, rivals
from torch import nn

Built = tuple[nn.Module, torch.Tensor, torch.Tensor, torch.optim.Optimizer]


class Transformer(nn.Module):
    """4 layers, d = 128, causal-free language model over 64 tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 128)
        layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.head = nn.Linear(128, 100)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(self.embed(x))).flatten(0, 1)


def deep() -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(49):
        layers += [nn.Linear(64, 64), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(64, 10))


def cnn() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10)),
    )


def build(name: str, device: str) -> Built:
    """The same model and batch again."""
    torch.manual_seed(0)
    if name == "mlp":
        model: nn.Module = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
        x, y = torch.randn(64, 64), torch.randint(0, 10, (64,))
    elif name == "cnn":
        model, x, y = cnn(), torch.randn(128, 1, 28, 28), torch.randint(0, 10, (128,))
    elif name == "transformer":
        model, x = Transformer(), torch.randint(0, 100, (32, 64))
        y = torch.randint(0, 100, (32 * 64,))
    else:
        model, x, y = deep(), torch.randn(64, 64), torch.randint(0, 10, (64,))
    model, x, y = model.to(device), x.to(device), y.to(device)
    return model, x, y, torch.optim.Adam(model.parameters(), 1e-3)


#: A short training run: the first 20 steps, which are all sampled, are part of it.
STEPS = {"mlp": 4000, "cnn": 150, "transformer": 60, "deep": 600}
FULL_STEPS = {"mlp": 300, "cnn": 30, "transformer": 12, "deep": 60}
#: glibc's allocator with its thresholds held: left to adapt them, it gives a bare CNN run 85 ms a step in one process and 125 in the next.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "2000000000", "MALLOC_TOP_PAD_": "200000000"}


def train(built: Built, steps: int) -> None:
    model, x, y, optimizer = built
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def ours(budget: float | None) -> Watch:
    def watch(built: Built) -> AbstractContextManager[object]:
        import unstuck

        return unstuck.watch(built[0], built[3], trace=Path(tempfile.mkdtemp()) / "t.trace", budget=budget)

    return watch


def tools() -> dict[tuple[str, str], Watch | None]:
    """Tool and mode -> what watches; None where it is not installed."""
    return {("unstuck", "default"): ours(0.02), ("unstuck", "full"): ours(None), **rivals()}


def timed(
    name: str, device: str, steps: int, watch: Callable[[Built], AbstractContextManager[object]] | None
) -> tuple[float, list[torch.Tensor]]:
    """Seconds for `steps` steps after warming up, and the final weights. Attaching and detaching are not counted; all sampling is."""
    built = build(name, device)
    train(built, 3)  # the first optimizer step of a process is slow
    clock = time.perf_counter if device != "cpu" else time.process_time
    with watch(built) if watch else nullcontext():
        if device != "cpu":
            torch.cuda.synchronize()
        started = clock()
        train(built, steps)
        if device != "cpu":
            torch.cuda.synchronize()
        seconds = clock() - started
    return seconds, [p.detach().clone() for p in built[0].parameters()]


def measure(
    name: str, tool: str, mode: str, device: str, pairs: int, watch: Callable[[Built], AbstractContextManager[object]]
) -> dict[str, object]:
    steps = (FULL_STEPS if mode == "full" else STEPS)[name]
    ratios, bare_times, identical = [], [], True
    for pair in range(pairs):
        order = (None, watch) if pair % 2 == 0 else (watch, None)
        results = {one is None: timed(name, device, steps, one) for one in order}
        ratios.append(results[False][0] / results[True][0])
        bare_times.append(results[True][0] / steps)
        identical &= all(torch.equal(a, b) for a, b in zip(results[True][1], results[False][1], strict=True))
    low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    return {
        "model": name, "tool": tool, "mode": mode, "ratio": round(statistics.median(ratios), 4), "low": round(low, 4), "high": round(high, 4),
        "bit_identical": identical, "step_ms": round(1000 * statistics.median(bare_times), 3),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--models", default="mlp,cnn,transformer,deep")
    parser.add_argument("--tools", default="")
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in given.models.split(","):
        for (tool, mode), watch in tools().items():
            if given.tools and tool not in given.tools.split(","):
                continue
            if watch is None:
                row = dict.fromkeys(("ratio", "low", "high", "bit_identical"))
                rows.append({"model": name, "tool": tool, "mode": mode, **row, "note": "not installed"})
            else:
                rows.append(measure(name, tool, mode, given.device, given.pairs, watch))
            r = rows[-1]
            if given.format == "text" and watch is None:
                print(f"{name:12s} {tool:18s} {mode:8s} not installed")
            elif given.format == "text":
                print(
                    "{model:12s} {tool:18s} {mode:8s} {ratio:.3f} [{low:.3f}-{high:.3f}] bare {step_ms} ms, bit-identical {bit_identical}".format(
                        **r
                    )
                )
    if given.format == "json":
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    if sys.platform == "linux" and not ALLOCATOR.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})
    main()
