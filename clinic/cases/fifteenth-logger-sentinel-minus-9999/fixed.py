"""Weather station: predict evaporation from 6 channels. Channels drop out now and then."""
import os

import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
CODE = -9999.0


def station(n):
    base = rng.normal(size=(n, 6))
    y = 1.1 * np.tanh(base[:, 0]) + 0.8 * base[:, 1] * (base[:, 2] > 0) - 0.6 * base[:, 3] + 0.1 * rng.normal(size=n)
    raw = base * np.array([8.0, 15.0, 5.0, 3.0, 40.0, 2.0]) + np.array([15.0, 60.0, 4.0, 9.0, 400.0, 1.0])
    raw[rng.random(raw.shape) < 0.02] = CODE
    return raw, y.astype("float32")


raw, y = station(4000)
raw_test, y_test = station(1000)
valid = raw != CODE


def clean(r):
    return np.where(r == CODE, np.nanmean(np.where(valid, raw, np.nan), axis=0), r)


train_c = clean(raw)
mu, sd = train_c.mean(0), train_c.std(0)
x = torch.tensor((train_c - mu) / sd, dtype=torch.float32)
xt = torch.tensor((clean(raw_test) - mu) / sd, dtype=torch.float32)
y, yt = torch.from_numpy(y / y.std()), torch.from_numpy(y_test / y.std())
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(15):
    for b in torch.randperm(4000).split(64):
        loss = (net(x[b]).squeeze(1) - y[b]).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - (net(xt).squeeze(1) - yt).square().mean() / yt.var()
    print(epoch, loss.item(), r2.item())
print(f"final_metric={r2.item():.4f}")
