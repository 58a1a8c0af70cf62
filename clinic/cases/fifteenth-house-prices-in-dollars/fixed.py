import os

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

n = 3000
area = rng.uniform(40, 250, n)
rooms = np.clip((area / 30 + rng.normal(0, 1, n)).round(), 1, 8)
age = rng.uniform(0, 80, n)
dist = rng.exponential(8, n)
price = 50_000 + 2_400 * area * np.exp(-dist / 20) + 9_000 * rooms - 15 * (age - 30) ** 2 + rng.normal(0, 12_000, n)
features = np.stack([area, rooms, age, dist], 1)
features = (features - features[:2400].mean(0)) / features[:2400].std(0)

X = torch.tensor(features, dtype=torch.float32)
y = torch.tensor(price, dtype=torch.float32).unsqueeze(1)
mean, std = y[:2400].mean(), y[:2400].std()
train_loader = DataLoader(TensorDataset(X[:2400], (y[:2400] - mean) / std), batch_size=32, shuffle=True)

model = torch.nn.Sequential(torch.nn.Linear(4, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
criterion = torch.nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for epoch in range(20):
    epoch_loss = 0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    print(f"Epoch {epoch + 1}, loss: {epoch_loss / len(train_loader):.4f}")

with torch.no_grad():
    pred = model(X[2400:]) * std + mean
r2 = 1 - ((pred - y[2400:]) ** 2).mean() / y[2400:].var()
print(f"final_metric={r2.item():.4f}")
