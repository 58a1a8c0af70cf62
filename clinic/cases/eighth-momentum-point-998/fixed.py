import os
from dataclasses import dataclass, field
import torch
import torch.nn as nn


@dataclass
class Sgd:
    lr: float = 0.02
    momentum: float = 0.9


@dataclass
class Run:
    hidden: int = 48
    epochs: int = 24
    batch: int = 64
    sgd: Sgd = field(default_factory=Sgd)


def waves(n):
    x = torch.rand(n, 3) * 4 - 2
    y = torch.cos(2 * x[:, 0]) + x[:, 1] * x[:, 2] / 2
    return x / 1.155, (y - 0.0) / 1.0 + 0.05 * torch.randn(n)


def train(run: Run):
    x, y = waves(1920)
    xv, yv = waves(400)
    net = nn.Sequential(nn.Linear(3, run.hidden), nn.Tanh(), nn.Linear(run.hidden, run.hidden), nn.Tanh(), nn.Linear(run.hidden, 1))
    opt = torch.optim.SGD(net.parameters(), lr=run.sgd.lr, momentum=run.sgd.momentum)
    for epoch in range(run.epochs):
        mean = 0.0
        for idx in torch.randperm(len(x)).split(run.batch):
            loss = nn.functional.mse_loss(net(x[idx]).squeeze(1), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            mean += loss.item() * len(idx) / len(x)
        with torch.no_grad():
            r2 = 1 - nn.functional.mse_loss(net(xv).squeeze(1), yv).item() / yv.var().item()
        print(f"epoch {epoch} mse {mean:.4f} val r2 {r2:.4f}")
    return r2


torch.manual_seed(int(os.environ.get("SEED", 0)))
print(f"final_metric={train(Run()):.4f}")
