from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    seed: int = int(os.environ.get("SEED", 0))
    width: int = 48
    depth: int = 5
    steps: int = 700
    lr: float = 0.01
    batch: int = 64


def init_fn(module: nn.Module) -> None:
    # same initializer as in the jax version
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


def target(x: Tensor) -> Tensor:
    return torch.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:3]


def main(cfg: Config) -> float:
    torch.manual_seed(cfg.seed)
    layers: list[nn.Module] = []
    d = 3
    for _ in range(cfg.depth):
        layers += [nn.Linear(d, cfg.width), nn.ReLU()]
        d = cfg.width
    net = nn.Sequential(*layers, nn.Linear(d, 1))
    net.apply(init_fn)
    x_val = torch.randn(1000, 3)
    y_val = target(x_val)
    opt = torch.optim.SGD(net.parameters(), lr=cfg.lr, momentum=0.9)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.steps)
    for step in range(cfg.steps):
        x = torch.randn(cfg.batch, 3)
        loss = nn.functional.mse_loss(net(x), target(x))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        if step % 100 == 0:
            print(f"{step:5d} {loss.item():.4f}")
    with torch.no_grad():
        return float(1 - nn.functional.mse_loss(net(x_val), y_val) / y_val.var())


print(f"final_metric={main(Config()):.4f}")
