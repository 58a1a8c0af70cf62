"""Small training scripts with one fault each, as a user would write them, and how a test runs one under remedies."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from unstuck import plugins
from unstuck.attach.injection import Injection
from unstuck.records import Facts

DATA = """
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
X = torch.randn(1024, 20)
Y = ((X[:, :10] * torch.linspace(-1, 1, 10)).sum(1) > 0).long()
loader = DataLoader(TensorDataset(X, Y), batch_size=64, shuffle=True)
losses, order = [], []
"""

SIGMOID = (
    DATA
    + """
layers = [q for i in range(8) for q in (nn.Linear(20 if i == 0 else 32, 32), nn.Sigmoid())]
m = nn.Sequential(*layers, nn.Linear(32, 1), nn.Sigmoid())
opt = torch.optim.SGD(m.parameters(), lr=.05, momentum=.9)
crit = nn.BCELoss()
for e in range(EPOCHS):
    for x, y in loader:
        order.append(float(x.sum()))
        opt.zero_grad()
        loss = crit(m(x).squeeze(1), y.float())
        loss.backward()
        opt.step()
        losses.append(loss.item())
"""
)

FUNCTIONAL = (
    DATA
    + """
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.l = nn.ModuleList([nn.Linear(20 if i == 0 else 32, 32) for i in range(8)])
        s.g = nn.Linear(32, 32)
        s.o = nn.Linear(32, 1)
    def forward(s, x):
        for i, l in enumerate(s.l):
            x = torch.sigmoid(l(x)) if i % 2 else l(x).sigmoid()
        x = x * F.sigmoid(s.g(x))
        return torch.sigmoid(s.o(x))
m = N()
opt = torch.optim.SGD(m.parameters(), lr=.05, momentum=.9)
for e in range(EPOCHS):
    for x, y in loader:
        opt.zero_grad()
        loss = F.binary_cross_entropy(m(x).squeeze(1), y.float())
        loss.backward()
        opt.step()
        losses.append(loss.item())
"""
)

DOUBLE_SOFTMAX = (
    DATA
    + """
m = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(1))
opt = torch.optim.SGD(m.parameters(), lr=.05)
crit = nn.CrossEntropyLoss()
for e in range(EPOCHS):
    for x, y in loader:
        opt.zero_grad()
        crit(m(x), y).backward()
        opt.step()
score = (m(X).argmax(1) == Y).float().mean().item()
"""
)

SQUARED_SOFTMAX = (
    DATA
    + """
m = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(1))
opt = torch.optim.SGD(m.parameters(), lr=.02)
for e in range(EPOCHS):
    for x, y in loader:
        opt.zero_grad()
        F.mse_loss(m(x), F.one_hot(y, 2).float()).backward()
        opt.step()
score = (m(X).argmax(1) == Y).float().mean().item()
"""
)

NO_ZERO_GRAD = (
    DATA
    + """
X[:, 5:] *= 300
X[:, 5:] += 500
m = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.SGD(m.parameters(), lr=.05)
for e in range(EPOCHS):
    for x, y in loader:
        loss = F.cross_entropy(m(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
"""
)


def run(
    script: str,
    remedies: Sequence[str] = (),
    *,
    seed: int = 0,
    epochs: int = 15,
    facts: Facts | None = None,
    split: bool = False,
    at_end: Any = None,
) -> tuple[dict[str, Any], Injection]:
    """Execute a script as the main program would be, under these remedies; its variables, and the injection as it was at the end."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    injection = Injection([plugins.remedies()[name] for name in remedies], facts, seed)
    namespace: dict[str, Any] = {"__name__": "victim", "EPOCHS": epochs}
    try:
        injection.install()
        if split:
            injection.split_random_streams()
        exec(compile(script, "/victim/train.py", "exec"), namespace)
        namespace["in_force"] = injection.in_force()
        if at_end is not None:
            at_end(namespace, injection)
    finally:
        injection.uninstall()
    return namespace, injection


def watched(script: str, folder: Path, remedies: Sequence[str] = (), *, epochs: int = 1, facts: Facts | None = None) -> Facts:
    """What a watched run of a script shows, untreated or under remedies; the watcher is installed first, as an arm does it."""
    from unstuck.recorder import Recorder
    from unstuck.store import load

    recorder = Recorder(folder / f"{len(list(folder.iterdir()))}.trace", budget=None, script="train.py")
    recorder.start()
    try:
        _, injection = run(script, remedies, epochs=epochs, facts=facts)
        assert not injection.errors
    finally:
        recorder.stop("finished")
    assert not recorder.hooks.errors
    return load(recorder.path).facts


def late(losses: Sequence[float]) -> float:
    """Mean of the last 16 losses."""
    return sum(losses[-16:]) / 16
