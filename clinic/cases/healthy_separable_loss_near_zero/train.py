import os
import torch
from sklearn.datasets import make_blobs
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_blobs(800, centers=[[-2.5, 0, 1], [2.5, 1, -1], [0, -4, 0]], cluster_std=0.7, random_state=seed)
X, y = torch.tensor(X, dtype=torch.float32) / 2, torch.tensor(y)
tr, te = slice(0, 600), slice(600, None)
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
for ep in range(40):
    for b in torch.randperm(600).split(50):
        loss = nn.functional.cross_entropy(net(X[tr][b]), y[tr][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(ep, f"{loss.item():.2e}")
with torch.no_grad():
    print(f"final_metric={(net(X[te]).argmax(1) == y[te]).float().mean().item():.4f}")
