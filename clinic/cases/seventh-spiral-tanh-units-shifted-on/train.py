import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(SEED)
torch.manual_seed(SEED)
def spirals(n):
    X, y = [], []
    for j in range(3):
        r = rng.uniform(0.05, 1, n)
        t = 4 * j + 4 * r + rng.randn(n) * 0.15
        X.append(np.c_[r * np.sin(t), r * np.cos(t)]); y += [j] * n
    return torch.tensor(np.concatenate(X) * 2.2, dtype=torch.float32), torch.tensor(y)
X, y = spirals(500)
Xv, yv = spirals(150)

class Shifted(nn.Module):
    def __init__(self, shift):
        super().__init__()
        self.shift = shift
    def forward(self, z):
        return torch.tanh(z + self.shift)

SHIFT = 7.0
net = nn.Sequential(nn.Linear(2, 64), Shifted(SHIFT), nn.Linear(64, 64), Shifted(SHIFT), nn.Linear(64, 64), Shifted(SHIFT), nn.Linear(64, 3))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(20):
    for b in torch.randperm(len(X)).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(Xv).argmax(1) == yv).float().mean().item()
    print(f"{epoch:3d} {loss.item():.4f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
