"""Learn a discrete dynamics model of a damped pendulum from rollouts."""
import math
import os
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Cfg:
    horizon: int = 40
    batch: int = 32
    lr: float = 0.02
    steps: int = 400
    hidden: int = 48


def simulate(n, T, dt=0.15):
    th = (torch.rand(n) * 2 - 1) * 2.0
    om = (torch.rand(n) * 2 - 1) * 1.0
    out = [torch.stack([th, om], 1)]
    for _ in range(T):
        om = om + dt * (-math.pi / 2 * torch.sin(th) * 1.5 - 0.1 * om)
        th = th + dt * om
        out.append(torch.stack([th, om], 1))
    return torch.stack(out, 1)


class Step(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(2, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, 2))

    def forward(self, s):
        return s + self.f(s)


def rollout(model, s0, T):
    xs = [s0]
    for _ in range(T):
        xs.append(model(xs[-1]))
    return torch.stack(xs, 1)


def main():
    cfg = Cfg()
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    train, test = simulate(512, cfg.horizon), simulate(128, cfg.horizon)
    model = Step(cfg.hidden)
    opt = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=0.9)
    for it in range(cfg.steps):
        idx = torch.randint(0, len(train), (cfg.batch,))
        traj = train[idx]
        pred = rollout(model, traj[:, 0], cfg.horizon)
        loss = (pred - traj).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        if it % 50 == 0:
            print(it, loss.item())
    with torch.no_grad():
        err = (rollout(model, test[:, 0], cfg.horizon) - test).pow(2).mean().sqrt().item()
    if not math.isfinite(err):
        err = 99.0
    print(f"final_metric={-min(err, 99.0):.4f}")


main()
