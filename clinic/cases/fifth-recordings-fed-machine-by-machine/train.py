import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
SITES = 6
base = torch.randn(SITES, 10)


def record(site, n):
    """windows of 10 features of one site's pump (the site tells the pump type)"""
    m = base[site] * 0.8 + torch.randn(n, 10)
    return torch.cat([m, (m[:, :5] * m[:, 5:])], 1) / 1.3, torch.full((n,), site)


parts = [record(s, 700) for s in range(SITES)]
X = torch.cat([p[0] for p in parts])
Y = torch.cat([p[1] for p in parts])
held = torch.randperm(len(X))[:900]
mask = torch.ones(len(X), dtype=torch.bool)
mask[held] = False
Xv, Yv = X[held], Y[held]
X, Y = X[mask], Y[mask]


def stream(bs):
    order = torch.arange(len(X))
    for k in range(0, len(X), bs):
        j = order[k:k + bs]
        yield X[j], Y[j]


net = nn.Sequential(nn.Linear(15, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, SITES))
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(8):
    for x, y in stream(32):
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        o = net(Xv)
        acc = (o.argmax(1) == Yv).float().mean().item()
    print(f'epoch {epoch} last loss {loss.item():.4f} val {nn.functional.cross_entropy(o, Yv).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
