import os
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
N = 2000
sqm = 25 + 100 * torch.rand(N)
rooms = (sqm / 28 + 0.5 * torch.randn(N)).clamp(1).round()
floor = torch.randint(0, 9, (N,)).float()
dist = 12 * torch.rand(N)
year = torch.randint(1900, 2024, (N,)).float()
rent = (sqm * (16 - 0.6 * dist) + 45 * (year > 2000) + 12 * floor + 60 * torch.randn(N)) * 100   # cents

feats = torch.stack([sqm, rooms, floor, dist, year], 1)
split = 1600
feats = (feats - feats[:split].mean(0)) / feats[:split].std(0)
target = rent.unsqueeze(1)
target = (target - target[:split].mean()) / target[:split].std()

loader = DataLoader(TensorDataset(feats[:split], target[:split]), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.MSELoss()

for epoch in range(15):
    running = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(xb)
    print(f"epoch {epoch + 1}: train mse {running / split:.4g}")

with torch.no_grad():
    pred, true = model(feats[split:]), target[split:]
    r2 = 1 - ((pred - true) ** 2).sum() / ((true - true.mean()) ** 2).sum()
print(f"final_metric={r2.item():.4f}")
