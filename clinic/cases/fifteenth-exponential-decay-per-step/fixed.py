"""Toy denoiser: predict the noise added to points of a spiral."""
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def spiral(n):
    a = torch.rand(n) * 9 + 2
    return torch.stack([a * a.cos(), a * a.sin()], 1) / 6 + 0.02 * torch.randn(n, 2)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2))

    def forward(self, x, t):
        feats = torch.cat([x, t, torch.sin(3 * t), torch.cos(3 * t), t**2], 1)
        return self.net(feats)


def noised(x0):
    t = torch.rand(len(x0), 1) * 0.9 + 0.1
    a = torch.cos(t * 1.45)
    e = torch.randn_like(x0)
    return a * x0 + (1 - a**2).sqrt() * e, t, e


model = Denoiser()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.8)
data, held = spiral(4000), spiral(4000)
for epoch in range(20):
    for b in torch.randperm(4000).split(100):
        xt, t, e = noised(data[b])
        loss = (model(xt, t) - e).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print(epoch, round(loss.item(), 4), f"{opt.param_groups[0]['lr']:.1e}")
with torch.no_grad():
    xt, t, e = noised(held)
    print(f"final_metric={1 - (model(xt, t) - e).pow(2).mean().item():.4f}")
