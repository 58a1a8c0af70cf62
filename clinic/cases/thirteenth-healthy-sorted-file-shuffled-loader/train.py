import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_wine
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
rows = np.arange(len(y))
test = np.random.default_rng(seed).permutation(rows)[:60]
train = np.setdiff1d(rows, test)
print("first labels on disk", y[train][:10])
mean, std = X[train].mean(0), X[train].std(0)
X = torch.tensor((X - mean) / std, dtype=torch.float32)
y = torch.tensor(y)
loader = DataLoader(TensorDataset(X[train], y[train]), batch_size=16, shuffle=True)
net = nn.Sequential(nn.Linear(13, 24), nn.Tanh(), nn.Linear(24, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(20):
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    acc = (net(X[test]).argmax(1) == y[test]).float().mean().item()
print(f"final_metric={acc:.4f}")
