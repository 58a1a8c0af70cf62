import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
perm = torch.randperm(1797)
x = torch.tensor(d.data, dtype=torch.float32)[perm]
y = torch.tensor(d.target)[perm]
x = (x - x[:1400].mean()) / x[:1400].std()
net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
rho = 0.05
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(1400).split(50):
        loss = F.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        with torch.no_grad():
            norm = torch.stack([p.grad.norm() for p in net.parameters()]).norm()
            shift = [rho * p.grad / (norm + 1e-12) for p in net.parameters()]
            for p, e in zip(net.parameters(), shift):
                p.add_(e)
        opt.zero_grad()
        F.cross_entropy(net(x[b]), y[b]).backward()
        with torch.no_grad():
            for p, e in zip(net.parameters(), shift):
                p.sub_(e)
        opt.step()
        total += loss.item() / 28
    with torch.no_grad():
        acc = (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"epoch {epoch} loss {total:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
