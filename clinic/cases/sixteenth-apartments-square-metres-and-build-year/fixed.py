import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
n = 3000
area = rng.uniform(25, 160, n)
year = rng.integers(1920, 2023, n)
metres_to_centre = rng.exponential(4000, n)
floor = rng.integers(0, 9, n)
lift = rng.integers(0, 2, n)
score = (0.02 * (area - 90) + 0.02 * np.abs(year - 1970) - np.log1p(metres_to_centre / 1000)
         + 0.12 * floor * (2 * lift - 1))
sold_fast = (score + 0.2 * rng.normal(size=n) > np.median(score)).astype(np.int64)
X = np.stack([area, year, metres_to_centre, floor, lift], 1)
tr, va = np.arange(2400), np.arange(2400, n)
mean, std = X[tr].mean(0), X[tr].std(0)
X = (X - mean) / std
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(sold_fast)

model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    rng.shuffle(tr)
    for i in range(0, 2400, 40):
        rows = torch.from_numpy(tr[i:i + 40])
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(X[2400:]).argmax(1) == y[2400:]).float().mean().item()
    print(epoch, f"loss {loss.item():.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
