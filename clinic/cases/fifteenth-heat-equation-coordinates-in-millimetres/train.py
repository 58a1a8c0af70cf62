"""Surrogate of a heated rod: u(x [mm], t [s])."""
import math
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
LENGTH, TMAX, ALPHA = 800.0, 3600.0, 9.0


def field(n):
    x = torch.rand(n, 1) * LENGTH
    t = torch.rand(n, 1) * TMAX
    u = 0.0
    for k, a in ((1, 1.0), (2, 0.6), (3, -0.5)):
        u = u + a * torch.sin(k * math.pi * x / LENGTH) * torch.exp(-ALPHA * (k * math.pi / LENGTH) ** 2 * t)
    return torch.cat([x, t], 1), u


class Surrogate(nn.Module):
    def __init__(self, width=40):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )

    def forward(self, xt):
        return self.layers(xt)


xt, u = field(4000)
xt_test, u_test = field(1000)
model = Surrogate()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for it in range(2000):
    i = torch.randint(0, 4000, (128,))
    loss = (model(xt[i]) - u[i]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 200 == 0:
        print(f"it {it} loss {loss.item():.5f}")
with torch.no_grad():
    rel = (model(xt_test) - u_test).pow(2).mean() / u_test.var()
print(f"final_metric={1 - rel.item():.4f}")
