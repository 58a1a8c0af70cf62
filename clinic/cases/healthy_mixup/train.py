import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32)[:, None] / 16 * 2 - 0.6
Y = torch.nn.functional.one_hot(torch.tensor(d.target), 10).float()
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
net = nn.Sequential(nn.Conv2d(1, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24 * 16, 64), nn.LeakyReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(14):
    for b in tr[torch.randperm(1400)].split(35):
        lam = np.random.beta(0.4, 0.4)
        j = b[torch.randperm(len(b))]
        x = lam * X[b] + (1 - lam) * X[j]
        t = lam * Y[b] + (1 - lam) * Y[j]
        loss = nn.functional.cross_entropy(net(x), t)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[va]).argmax(1) == Y[va].argmax(1)).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
