"""Calibration of a gas sensor array, very noisy reference instrument."""
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def sensors(n, noise):
    x = torch.randn(n, 10)
    y = 0.8 * torch.tanh(2 * x[:, :1]) + 0.4 * x[:, 2:3] - 0.3 * x[:, 3:4].abs() + 0.24
    return x, y + noise * torch.randn(n, 1)


x, y = sensors(1500, 0.6)
xv, yv = sensors(2000, 0.0)
loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(25):
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        r2 = 1 - (model(xv) - yv).pow(2).mean() / yv.var()
    print(f"epoch {epoch}: loss {total / len(loader):.3f}, R2 against the clean truth {r2.item():.3f}")
print(f"final_metric={r2.item():.4f}")
