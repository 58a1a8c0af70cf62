import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
def shop(n):
    x = rng.normal(size=(n, 8))
    f = np.sin(x[:, 0]) + .6 * x[:, 1] - .5 * np.abs(x[:, 2]) + .4 * x[:, 3] * (x[:, 4] > 0)
    y = f + 2.2 * rng.normal(size=n)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)[:, None]

x, y = shop(10000)
xv, yv = shop(2000)
m, s = y.mean(), y.std()
y, yv = (y - m) / s, (yv - m) / s
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    tot = 0.
    for b in torch.randperm(10000).split(100):
        loss = nn.functional.mse_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 100
    with torch.no_grad():
        v = nn.functional.mse_loss(net(xv), yv).item()
    print(f'epoch {epoch} train {tot:.4f} val {v:.4f}')
print(f'final_metric={1 - v / yv.var().item():.4f}')
