import copy
import os

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def views(n):
    c = torch.randint(0, 10, (n,))
    proto = torch.randn(10, 30, generator=torch.Generator().manual_seed(2))
    z = proto[c] + 0.4 * torch.randn(n, 30)
    return z + 0.5 * torch.randn(n, 30), z + 0.5 * torch.randn(n, 30), c


student = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 16))
teacher = copy.deepcopy(student)
for p in teacher.parameters():
    p.requires_grad = False
opt = torch.optim.Adam(student.parameters(), lr=1e-3)
TAU, EMA = 0.3, 0.95
for step in range(500):
    a, b, _ = views(96)
    q = F.normalize(student(a), dim=1)
    with torch.no_grad():
        k = F.normalize(teacher(b), dim=1)
    loss = F.cross_entropy(q @ k.T / TAU, torch.arange(96))
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for t, s in zip(teacher.parameters(), student.parameters()):
            t.mul_(EMA).add_(s, alpha=1 - EMA)
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    ga, _, gc = views(500)
    qa, _, qc = views(500)
    sim = F.normalize(student(qa), dim=1) @ F.normalize(student(ga), dim=1).T
    acc = (gc[sim.argmax(1)] == qc).float().mean().item()
print(f"final_metric={acc:.4f}")
