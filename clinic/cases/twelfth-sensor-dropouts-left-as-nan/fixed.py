import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_classification

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
X, y = make_classification(2000, 10, n_informative=6, n_classes=3, class_sep=1.5, random_state=seed)
X[rng.random(X.shape) < 0.01] = np.nan
mean, std = np.nanmean(X[:1500], 0), np.nanstd(X[:1500], 0)
X = np.nan_to_num((X - mean) / std)  # missing = the mean
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    for idx in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        print(epoch, loss.item())
model.eval()
with torch.no_grad():
    acc = (model(X[1500:]).argmax(1) == y[1500:]).float().mean().item()
print(f"final_metric={acc:.4f}")
