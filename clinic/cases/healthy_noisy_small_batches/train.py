import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data / 16, dtype=torch.float32)
X = X + 0.15 * torch.randn_like(X)  # simulated sensor noise, same for train and test
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
train_loader = DataLoader(TensorDataset(X[perm[:1400]], y[perm[:1400]]), batch_size=8, shuffle=True)
Xv, yv = X[perm[1400:]], y[perm[1400:]]
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(7):
    for x, t in train_loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), t).backward()
        opt.step()
    with torch.no_grad():
        print(epoch, (net(Xv).argmax(1) == yv).float().mean().item())
with torch.no_grad():
    acc = (net(Xv).argmax(1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
