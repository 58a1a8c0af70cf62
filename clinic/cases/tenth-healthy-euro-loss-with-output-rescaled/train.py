import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
X = rng.normal(size=(2600, 6)).astype("float32")
rent = 900 + 260 * np.tanh(X[:, 0] + 0.5 * X[:, 1]) + 120 * X[:, 2] * (X[:, 3] > 0) + 60 * X[:, 4] + 40 * rng.normal(size=2600)
X, rent = torch.tensor(X), torch.tensor(rent.astype("float32"))
loader = DataLoader(TensorDataset(X[:2100], rent[:2100]), batch_size=42, shuffle=True)


class RentModel(nn.Module):
    def __init__(self, y_mean, y_std):
        super().__init__()
        self.register_buffer("y_mean", y_mean)
        self.register_buffer("y_std", y_std)
        self.body = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.body(x).squeeze(1) * self.y_std + self.y_mean


model = RentModel(rent[:2100].mean(), rent[:2100].std())
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(14):
    tot = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = mse(model(xb), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        val = mse(model(X[2100:]), rent[2100:]).item()
    print(f"epoch {epoch} train {tot / len(loader):.1f} eur^2, val {val:.1f} eur^2")
print(f"final_metric={1 - val / rent[2100:].var().item():.4f}")
