"""How the cost of one sample grows with the number of layers: it should be linear, so that a net of 1,000 layers can be watched.

    python benchmarks/depth.py [--layers 100,300,1000] [--samples 12]

A chain of n Linear and n Tanh layers (2n places, 2n parameters), every step sampled, one thread. Cost of a sample: CPU time of a watched
step less that of a bare one, medians of the later half, per layer, and its ratio to that of the first depth (1 = linear).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from unstuck.recorder import Recorder


def step_time(layers: int, samples: int) -> float:
    """CPU seconds of one training step of a chain of that many layers, median of the second half."""
    torch.manual_seed(0)
    model = nn.Sequential(*(q for _ in range(layers) for q in (nn.Linear(8, 8), nn.Tanh())), nn.Linear(8, 3))
    x, y = torch.randn(16, 8), torch.arange(16) % 3
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    times = []
    for _ in range(samples):
        started = time.process_time()
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        times.append(time.process_time() - started)
    return statistics.median(times[samples // 2 :])


def cost(layers: int, samples: int) -> float:
    """CPU seconds of one sample."""
    bare = step_time(layers, samples)
    recorder = Recorder(Path(tempfile.mkdtemp()) / "t.trace", budget=None)
    recorder.start()
    try:
        watched = step_time(layers, samples)
    finally:
        facts = recorder.stop("finished")
    assert facts.sampled == samples and not facts.disarmed, facts.disarmed
    return watched - bare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default="100,300,1000")
    parser.add_argument("--samples", type=int, default=12)
    given = parser.parse_args()
    torch.set_num_threads(1)
    first = None
    for layers in (int(n) for n in given.layers.split(",")):
        each = cost(layers, given.samples) / layers
        first = first or each
        print(
            f"{layers:5d} layers: {1000 * each * layers:8.2f} ms a sample, {1e6 * each:6.1f} us a layer, {each / first:.2f} times the first"
        )


if __name__ == "__main__":
    main()
