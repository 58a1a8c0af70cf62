import os
import torch
from torch import nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(1400, noise=0.15, random_state=seed)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
Xtr, ytr, Xva, yva = X[:1000], y[:1000], X[1000:], y[1000:]

net = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
LAMBDA = 0.002
for epoch in range(25):
    for b in torch.randperm(1000).split(40):
        x = Xtr[b].clone().requires_grad_(True)
        logit = net(x).squeeze(1)
        bce = nn.functional.binary_cross_entropy_with_logits(logit, ytr[b])
        (gx,) = torch.autograd.grad(logit.sum(), x, create_graph=True)
        loss = bce + LAMBDA * gx.pow(2).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        print(epoch, bce.item(), gx.norm(dim=1).mean().item())
with torch.no_grad():
    acc = ((net(Xva).squeeze(1) > 0).float() == yva).float().mean().item()
print(f"final_metric={acc:.4f}")
