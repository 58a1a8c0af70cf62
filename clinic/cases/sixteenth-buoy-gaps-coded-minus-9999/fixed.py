import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 3000
wave = rng.normal(size=(n, 8))
height = np.sin(wave[:, 0] * 1.5) + wave[:, 1] * wave[:, 2] + 0.5 * wave[:, 3] + 0.1 * rng.normal(size=n)
raw = wave.copy()
raw[rng.random(raw.shape) < 0.02] = -9999.0
for c in range(8):
    gap = raw[:, c] == -9999.0
    raw[gap, c] = np.median(raw[~gap, c])
mu, sd = raw[:2400].mean(0), raw[:2400].std(0)
X = torch.tensor((raw - mu) / sd, dtype=torch.float32)
Y = torch.tensor((height - height.mean()) / height.std(), dtype=torch.float32)[:, None]
net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for i in torch.randperm(2400).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), Y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(X[2400:]), Y[2400:]).item()
    print(epoch, "train", loss.item(), "val", val)
print(f"final_metric={1 - val / Y[2400:].var().item():.4f}")
