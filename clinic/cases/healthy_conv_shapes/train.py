import os

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
S = 16


def draw(kind):
    yy, xx = np.mgrid[:S, :S]
    cx, cy = rng.uniform(5.5, 9.5, 2)
    r = rng.uniform(3.0, 5.0)
    if kind == 0:
        m = (xx - cx) ** 2 + (yy - cy) ** 2 <= r * r
    elif kind == 1:
        m = (abs(xx - cx) <= 0.85 * r) & (abs(yy - cy) <= 0.85 * r)
    else:
        h = (yy - (cy - r)) / (2 * r)
        m = (h >= 0) & (h <= 1) & (abs(xx - cx) <= r * h)
    img = m * rng.uniform(0.6, 1.0) + rng.normal(0, 0.15, (S, S))
    return img.astype(np.float32)


kinds = rng.integers(0, 3, 1600)
imgs = np.stack([draw(k) for k in kinds])[:, None]
imgs = (imgs - imgs[:1200].mean()) / imgs[:1200].std()
X, y = torch.from_numpy(imgs), torch.from_numpy(kinds)
train_dl = DataLoader(TensorDataset(X[:1200], y[:1200]), batch_size=48, shuffle=True)
val_dl = DataLoader(TensorDataset(X[1200:], y[1200:]), batch_size=100)

model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(24 * 16, 48), nn.ReLU(), nn.Linear(48, 3),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    for xb, yb in train_dl:
        opt.zero_grad()
        ce(model(xb), yb).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = np.mean([(model(xb).argmax(1) == yb).float().mean().item() for xb, yb in val_dl])
    print(epoch, acc)
print(f"final_metric={acc:.4f}")
