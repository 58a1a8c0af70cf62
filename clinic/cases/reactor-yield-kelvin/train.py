import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

n = 3000
temp = 315 + 4 * np.random.randn(n, 3)           # K, three sensors
pres = 1013 + 6 * np.random.randn(n, 2)          # hPa, inlet and outlet
z = np.concatenate([(temp - 315) / 4, (pres - 1013) / 6], axis=1)
crop = np.sin(1.5 * z[:, 0]) + 0.5 * z[:, 1] * z[:, 2] + 0.6 * (z[:, 3] - z[:, 4])
crop = (crop - crop.mean()) / crop.std() + 0.1 * np.random.randn(n)

features = torch.tensor(np.concatenate([temp, pres], axis=1), dtype=torch.float32)
target = torch.tensor(crop, dtype=torch.float32).view(-1, 1)
train_set, val_set = random_split(TensorDataset(features, target), [2400, 600])
train_loader = DataLoader(train_set, batch_size=40, shuffle=True)
val_loader = DataLoader(val_set, batch_size=600)

mlp = nn.Sequential(nn.Linear(5, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU(), nn.Linear(64, 1))
optimizer = torch.optim.AdamW(mlp.parameters(), lr=2e-3)

for epoch in range(20):
    mlp.train()
    for xb, yb in train_loader:
        loss = nn.functional.mse_loss(mlp(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    mlp.eval()
    with torch.no_grad():
        xb, yb = next(iter(val_loader))
        r2 = 1 - nn.functional.mse_loss(mlp(xb), yb).item() / yb.var().item()
    print(f"epoch {epoch + 1:02d}  batch loss {loss.item():.3f}  val R2 {r2:.3f}")

print(f"final_metric={r2:.4f}")
