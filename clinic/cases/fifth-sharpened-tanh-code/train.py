import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
d = load_digits()
x = torch.tensor(d.data, dtype=torch.float32)
x = (x - x.mean(0)) / (x.std(0) + 1.)
y = torch.tensor(d.target)
p = torch.randperm(len(x))
tr, va = p[:1300], p[1300:]

SHARPNESS = 40.0


class Hash(nn.Module):
    def __init__(self, bits=12):
        super().__init__()
        self.f1, self.f2 = nn.Linear(64, 64), nn.Linear(64, bits)

    def forward(self, x):
        h = torch.tanh(SHARPNESS * self.f1(x))
        return torch.tanh(SHARPNESS * self.f2(h))


net = Hash()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

def pair_loss(c, y):
    """similar images: similar codes; others at least two bits-widths apart"""
    dist = (c[:, None] - c).pow(2).mean(-1)
    same = (y[:, None] == y).float()
    off = 1 - torch.eye(len(y))
    pos = (dist * same * off).sum() / (same * off).sum().clamp_min(1)
    neg = (F.relu(1.2 - dist) * (1 - same)).sum() / (1 - same).sum()
    return pos + neg

for epoch in range(7):
    net.train()
    tot = 0
    for b in tr[torch.randperm(len(tr))].split(65):
        loss = pair_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 20
    net.eval()
    with torch.no_grad():
        db, q = net(x[tr]), net(x[va])
        near = torch.cdist(q, db).topk(5, largest=False).indices
        acc = (y[tr][near].mode(1).values == y[va]).float().mean().item()
        print(f'epoch {epoch} train {tot:.4f} val {pair_loss(q, y[va]).item():.4f} 5-nn {acc:.4f}')
print(f'final_metric={acc:.4f}')
