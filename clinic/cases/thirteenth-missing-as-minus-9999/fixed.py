import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
gaps = rng.random(X.shape) < 0.08
X[gaps] = 0.0  # lab did not report

perm = rng.permutation(len(y))
X = torch.tensor(X[perm], dtype=torch.float32)
y = torch.tensor(y[perm], dtype=torch.float32)
train, test = slice(0, 400), slice(400, None)

model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(30):
    for b in torch.randperm(400).split(20):
        optimizer.zero_grad()
        loss = loss_fn(model(X[train][b]).squeeze(1), y[train][b])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((model(X[test]).squeeze(1) > 0).float() == y[test]).float().mean().item()
print(f"final_metric={acc:.4f}")
