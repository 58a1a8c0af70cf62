import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
N, D = 4000, 10

L = rng.normal(size=(3, D))
table = rng.normal(size=(N, 3)) @ L + .7 * rng.normal(size=(N, D))
table = table * rng.uniform(.5, 20, D) + rng.uniform(-30, 60, D)
clean = (table - table.mean(0)) / table.std(0)
yield_ = np.sin(clean[:, 0]) + clean[:, 1] * clean[:, 2] * .5 + .7 * np.tanh(clean[:, 4] - clean[:, 7]) + .1 * rng.normal(size=N)
table[rng.random((N, D)) < .015] = -9999

train, val = np.arange(3200), np.arange(3200, N)
X = table
X = torch.tensor((X - X[train].mean(0)) / X[train].std(0), dtype=torch.float32)
y = torch.tensor((yield_ - yield_[train].mean()) / yield_[train].std(), dtype=torch.float32)[:, None]

model = nn.Sequential(nn.Linear(D, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
for epoch in range(12):
    model.train()
    for b in torch.randperm(3200).split(50):
        loss = nn.functional.mse_loss(model(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        v = nn.functional.mse_loss(model(X[val]), y[val]).item()
    print(f'epoch {epoch} train {loss.item():.4f} val {v:.4f}')
print(f'final_metric={1 - v / y[val].var().item():.4f}')
