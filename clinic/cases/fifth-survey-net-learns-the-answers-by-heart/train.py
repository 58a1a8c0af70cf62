import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

def survey(n):
    q = rng.normal(size=(n, 25))
    s = q[:, :5].sum(1) / 5 ** .5 + .3 * q[:, 5] * q[:, 6]
    return (torch.tensor(q, dtype=torch.float32),
            torch.tensor((s + 1.3 * rng.normal(size=n)) / 1.67, dtype=torch.float32))

x, y = survey(150)
xv, yv = survey(500)
net = nn.Sequential(nn.Linear(25, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
mse = nn.MSELoss()
patience = 10 ** 9
best, bad = float('inf'), 0
for epoch in range(250):
    net.train()
    for b in torch.randperm(150).split(15):
        loss = mse(net(x[b])[:, 0], y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = mse(net(xv)[:, 0], yv).item()
    if epoch < 10 or epoch % 20 == 0:
        print(f'epoch {epoch} train {loss.item():.4f} val {v:.4f}')
    best, bad = (v, 0) if v < best else (best, bad + 1)
    if bad >= patience:
        break
print(f'final_metric={1 - v / yv.var().item():.4f}')
