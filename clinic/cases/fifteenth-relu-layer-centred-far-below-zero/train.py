"""Sparse coding layer: only strong responses should pass. Digits."""
import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
THRESHOLD = 3.0


class SparseReLU(nn.Module):
    def forward(self, x):
        return torch.relu(x - THRESHOLD)


x, y = load_digits(return_X_y=True)
x = torch.tensor((x - x.mean()) / x.std(), dtype=torch.float32)
y = torch.tensor(y)
p = torch.randperm(len(x))
tr, te = p[:1350], p[1350:]
net = nn.Sequential(nn.Linear(64, 64), SparseReLU(), nn.Linear(64, 32), SparseReLU(), nn.Linear(32, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(15):
    for b in tr[torch.randperm(len(tr))].split(45):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(net(x[te]).argmax(1) == y[te]).float().mean().item():.4f}")
