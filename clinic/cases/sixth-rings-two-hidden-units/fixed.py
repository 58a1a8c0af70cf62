import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
hidden = 64

n = 3000
ring = torch.randint(0, 4, (n,))
phi = 2 * math.pi * torch.rand(n)
r = 1.0 + ring + 0.15 * torch.randn(n)
pts = torch.stack([r * phi.cos(), r * phi.sin()], 1)
pts = (pts - pts[:2400].mean(0)) / pts[:2400].std(0)
x, y, xv, yv = pts[:2400], ring[:2400], pts[2400:], ring[2400:]

model = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 4))
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
for epoch in range(25):
    model.train()
    for b in torch.randperm(len(x)).split(60):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        tr = (model(x).argmax(1) == y).float().mean().item()
        va = (model(xv).argmax(1) == yv).float().mean().item()
    print(f'epoch {epoch} loss {loss.item():.3f} train acc {tr:.3f} val acc {va:.3f}')
print(f'final_metric={va:.4f}')
