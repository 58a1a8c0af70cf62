import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
n = 3000
pressure = 101325 + 800 * rng.normal(size=n)
temperature = 288 + 9 * rng.normal(size=n)
humidity = rng.beta(4, 3, n)
wind = rng.gamma(2.0, 2.5, n)
score = -(pressure - 101325) / 800 + 5.0 * (humidity - 0.57) * (1 + 0.04 * (temperature - 288)) + 0.15 * (wind - 5)
rain = (score + 0.3 * rng.logistic(size=n) > 0).astype(np.float32)
features = np.stack([pressure, temperature, humidity, wind], 1)
train, val = slice(0, 2500), slice(2500, n)


def prepare(f):
    f = (f - features[train].mean(0)) / features[train].std(0)
    return torch.tensor(f, dtype=torch.float32)


x, xv = prepare(features[train]), prepare(features[val])
y, yv = torch.tensor(rain[train]), torch.tensor(rain[val])

net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(15):
    net.train()
    for idx in torch.randperm(2500).split(50):
        opt.zero_grad()
        loss = lossf(net(x[idx]), y[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = ((net(xv) > 0).float() == yv).float().mean().item()
    print(f"epoch {epoch} bce {loss.item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
