import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class BoilerDataset(TensorDataset):
    def __init__(self, n, standardise):
        valve = torch.rand(n, 3) * 2 - 1
        pressure = 101325 + 8000 * (valve[:, 0] * valve[:, 1]) + 4000 * valve[:, 2]
        temperature = 20 + 6 * torch.sin(2 * valve[:, 1]) + 3 * valve[:, 2] ** 2
        target = torch.stack([pressure, temperature], 1)
        if standardise:
            target = (target - target.mean(0)) / target.std(0)
        super().__init__(valve, target)


class BoilerModel(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(3, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.heads = nn.ModuleList([nn.Linear(hidden, 1) for _ in range(2)])

    def forward(self, v):
        h = self.trunk(v)
        return torch.cat([head(h) for head in self.heads], dim=1)


ds = BoilerDataset(2000, standardise=True)
train_ds, val_ds = random_split(ds, [1600, 400])
model = BoilerModel()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
for epoch in range(15):
    for v, t in DataLoader(train_ds, batch_size=32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.l1_loss(model(v), t)
        loss.backward()
        opt.step()
    print(f"{epoch:02d} L1 {loss.item():.3f}")
v, t = val_ds[:]
with torch.no_grad():
    r2 = 1 - (model(v) - t).pow(2).mean(0) / t.var(0)
print(f"final_metric={r2.clamp(min=-5).mean().item():.4f}")
