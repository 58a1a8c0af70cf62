import copy
import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
prototypes = torch.randn(8, 32)


def views(n):
    """Two noisy views of the same object."""
    y = torch.randint(0, 8, (n,))
    z = prototypes[y] + 0.5 * torch.randn(n, 32)
    return z + 0.5 * torch.randn(n, 32), z + 0.5 * torch.randn(n, 32), y


online = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 16))
target = copy.deepcopy(online)
for p in target.parameters():
    p.requires_grad_(False)
predictor = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16))
opt = torch.optim.Adam([*online.parameters(), *predictor.parameters()], lr=2e-3)
for step in range(300):
    a, b, _ = views(128)
    q = F.normalize(predictor(online(a)), dim=1)
    with torch.no_grad():
        k = F.normalize(target(b), dim=1)
    loss = F.cross_entropy(q @ k.T / 0.2, torch.arange(len(q)))
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for t, o in zip(target.parameters(), online.parameters()):
            t.lerp_(o, 0.02)
    if step % 50 == 0:
        print(step, loss.item())
online.eval()
with torch.no_grad():
    a, _, y = views(2000)
    b, _, t = views(2000)
    ea, eb = F.normalize(online(a), dim=1), F.normalize(online(b), dim=1)
    acc = (y[(eb @ ea.T).argmax(1)] == t).float().mean().item()
print(f"final_metric={acc:.4f}")
