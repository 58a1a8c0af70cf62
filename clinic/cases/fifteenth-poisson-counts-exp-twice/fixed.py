"""Bike counts per hour -- neural Poisson regression."""
import math
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def bikes(n):
    hour = torch.rand(n) * 24
    temp = torch.randn(n)
    weekend = (torch.rand(n) < 2 / 7).float()
    rush = torch.exp(-((hour - 8) ** 2) / 4) + torch.exp(-((hour - 17) ** 2) / 6)
    log_rate = 0.3 + 1.8 * rush * (1 - 0.6 * weekend) + 0.5 * temp - 0.3 * temp**2
    y = torch.poisson(log_rate.exp())
    w = 2 * math.pi / 24
    x = torch.stack([(w * hour).sin(), (w * hour).cos(), (2 * w * hour).sin(), (2 * w * hour).cos(), temp, weekend], 1)
    return x, y


class RateNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))

    def forward(self, x):
        return nn.functional.softplus(self.net(x)).squeeze(-1)


x, y = bikes(6000)
xt, yt = bikes(2000)
model = RateNet()
loss_fn = nn.PoissonNLLLoss(log_input=False)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    for b in torch.randperm(len(x)).split(100):
        loss = loss_fn(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    rate = model(xt)
    dev = 2 * (torch.xlogy(yt, yt) - torch.xlogy(yt, rate.clamp_min(1e-6)) - (yt - rate)).sum()
    null = yt.mean()
    dev0 = 2 * (torch.xlogy(yt, yt) - yt * null.log() - (yt - null)).sum()
print(f"final_metric={(1 - dev / dev0).item():.4f}")
