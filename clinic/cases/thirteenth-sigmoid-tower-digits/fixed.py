import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", "0"))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

digits = load_digits()
order = rng.permutation(len(digits.target))
X = torch.tensor(digits.data[order] / 8.0 - 1.0, dtype=torch.float32)
y = torch.tensor(digits.target[order])
X_train, y_train, X_val, y_val = X[:1400], y[:1400], X[1400:], y[1400:]


class Tower(nn.Module):
    def __init__(self, width=64, depth=5):
        super().__init__()
        sizes = [64] + [width] * depth
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes[:-1], sizes[1:]))
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.out(x)


net = Tower()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(20):
    net.train()
    perm = torch.randperm(len(X_train))
    total = 0.0
    for start in range(0, len(perm), 50):
        idx = perm[start:start + 50]
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch:2d} loss {total / len(perm):.4f}")

net.eval()
with torch.no_grad():
    acc = (net(X_val).argmax(1) == y_val).float().mean().item()
print(f"final_metric={acc:.4f}")
