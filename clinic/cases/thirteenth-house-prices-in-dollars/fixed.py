import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

n = 2000
area = rng.normal(110, 35, n).clip(30)
rooms = rng.integers(1, 7, n)
age = rng.uniform(0, 90, n)
dist = rng.exponential(8, n)
garden = rng.integers(0, 2, n)
price = 2400 * area * np.exp(-dist / 25) + 9000 * rooms - 700 * age + 25000 * garden * (dist > 6) + rng.normal(0, 12000, n)

X = np.column_stack([area, rooms, age, dist, garden])
X = (X - X.mean(0)) / X.std(0)
Y = ((price - price[:1500].mean()) / price[:1500].std())[:, None]

X = torch.tensor(X, dtype=torch.float32)
Y = torch.tensor(Y, dtype=torch.float32)
train = DataLoader(TensorDataset(X[:1500], Y[:1500]), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(15):
    for xb, yb in train:
        loss = nn.functional.mse_loss(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
with torch.no_grad():
    residual = (model(X[1500:]) - Y[1500:]).square().mean()
r2 = 1 - residual / (Y[1500:] - Y[1500:].mean()).square().mean()
print(f"final_metric={max(-1.0, r2.item()):.4f}")
