import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
n = 3000
income = rng.gamma(4, 1, n)
age = rng.uniform(1, 52, n)
rooms = 5 + rng.normal(size=n)
lat, lon = rng.uniform(32, 42, n), rng.uniform(-124, -114, n)
coast = np.abs(lon + 124 - (42 - lat) * 0.7)
value = 40000 * income + 30000 * np.sin(lat) + 90000 * np.exp(-coast) + 600 * age + 8000 * (rooms - 5) + 12000 * rng.normal(size=n)
features = np.column_stack([income, age, rooms, lat, lon])
train, val = slice(0, 2400), slice(2400, n)
features = (features - features[train].mean(0)) / features[train].std(0)
X = torch.tensor(features, dtype=torch.float32)
y = torch.tensor(value, dtype=torch.float32).unsqueeze(1)
y = (y - y[train].mean()) / y[train].std()

model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
loader = DataLoader(TensorDataset(X[train], y[train]), batch_size=48, shuffle=True)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.MSELoss()
for epoch in range(15):
    model.train()
    for xb, yb in loader:
        loss = loss_fn(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val_loss = loss_fn(model(X[val]), y[val]).item()
    print(f"epoch {epoch:02d} loss {loss.item():.4g} val loss {val_loss:.4g}")
print(f"final_metric={1 - val_loss / y[val].var().item():.4f}")
