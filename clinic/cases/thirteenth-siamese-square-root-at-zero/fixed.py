import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
CLASSES, DIM = 8, 20
protos = torch.randn(CLASSES, DIM)


def pairs(n):
    """Pairs of measurements; about one in a hundred positive pairs is the same record twice."""
    ca = torch.randint(0, CLASSES, (n,))
    same = torch.rand(n) < 0.5
    cb = torch.where(same, ca, torch.randint(0, CLASSES, (n,)))
    a = protos[ca] + 0.7 * torch.randn(n, DIM)
    b = protos[cb] + 0.7 * torch.randn(n, DIM)
    twice = same & (torch.rand(n) < 0.01)
    b[twice] = a[twice]
    return a, b, (ca == cb).float()


net = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Linear(64, 16))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)


def distance(a, b):
    return torch.sqrt((net(a) - net(b)).pow(2).sum(1) + 1e-8)


def contrastive(d, same, margin=2.0):
    return (same * d.pow(2) + (1 - same) * torch.relu(margin - d).pow(2)).mean()


for step in range(600):
    a, b, same = pairs(64)
    loss = contrastive(distance(a, b), same)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    a, b, same = pairs(2000)
    acc = ((distance(a, b) < 1.0).float() == same).float().mean()
print(f"final_metric={acc.item():.4f}")
