import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))

n = 4000
pressure = 101325 + 800 * torch.randn(n)
temperature = 290 + 12 * torch.randn(n)
flow = 0.02 + 0.004 * torch.randn(n)
rpm = 3000 + 400 * torch.randn(n)
z = (pressure - 101325) / 800 + (temperature - 290) / 12 * (rpm - 3000) / 400 - (flow - 0.02) / 0.004
y = (z > 0).float()
x = torch.stack([pressure, temperature, flow, rpm], 1)
train = DataLoader(TensorDataset(x[:3200], y[:3200]), batch_size=64, shuffle=True)

model = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(10):
    model.train()
    for xb, yb in train:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = ((model(x[3200:]) > 0) == (y[3200:] > 0.5)).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
