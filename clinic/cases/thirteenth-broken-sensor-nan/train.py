import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def plant(n):
    x = rng.normal(size=(n, 9))
    y = 0.7 * x[:, 0] + np.abs(x[:, 1]) - 0.5 * x[:, 2] * x[:, 3] + 0.1 * rng.normal(size=n)
    broken = rng.random(n) < 0.08
    x[broken, 6] = np.nan
    return x, y


def standardise(x, ref):
    return (x - np.nanmean(ref, 0)) / np.nanstd(ref, 0)


raw_x, raw_y = plant(2500)
X = torch.tensor(standardise(raw_x, raw_x[:2000]), dtype=torch.float32)
Y = torch.tensor((raw_y - raw_y.mean()) / raw_y.std(), dtype=torch.float32)
model = nn.Sequential(nn.Linear(9, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    for b in torch.randperm(2000).split(50):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(X[b]).squeeze(1), Y[b])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(X[2000:]).squeeze(1), Y[2000:]) / Y[2000:].var()
print(f"final_metric={r2.nan_to_num(-1).item():.4f}")
