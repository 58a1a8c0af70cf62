import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
STATIONS, PER = 10, 250
level = 2.5 * torch.randn(STATIONS)
site = torch.randn(STATIONS, 5)


def measure(station, n):
    x = torch.randn(n, 5)
    y = level[station] + torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] * 0.5
    return torch.cat([site[station].expand(n, 5), x], 1), y


parts = [measure(s, PER) for s in range(STATIONS)]
x = torch.cat([p[0] for p in parts])
y = torch.cat([p[1] for p in parts])
tests = [measure(s, 60) for s in range(STATIONS)]
xt = torch.cat([p[0] for p in tests])
yt = torch.cat([p[1] for p in tests])
mu, sd = y.mean(), y.std()
y, yt = (y - mu) / sd, (yt - mu) / sd

model = nn.Sequential(nn.Linear(10, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)


def batches(n, size):
    index = torch.randperm(n)
    return index.split(size)


for epoch in range(12):
    for b in batches(len(y), 25):
        opt.zero_grad()
        loss = (model(x[b]).squeeze(1) - y[b]).square().mean()
        loss.backward()
        opt.step()
    with torch.no_grad():
        mse = (model(xt).squeeze(1) - yt).square().mean()
    print(epoch, loss.item(), mse.item())
print(f"final_metric={max(-1.0, 1 - (mse / yt.var()).item()):.4f}")
