import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 5) / 6
y = torch.tensor(d.target)
p = torch.randperm(len(X)); X, y = X[p], y[p]
net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
ce = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)


def perturb(x, t, eps=0.25):
    x = x.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(ce(net(x), t), x)
    return (x + eps * g.sign()).detach()


for epoch in range(15):
    for b in torch.randperm(1400).split(50):
        xa = perturb(X[b], y[b])
        loss = ce(net(xa), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"epoch {epoch} adv loss {loss.item():.3f} clean acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
