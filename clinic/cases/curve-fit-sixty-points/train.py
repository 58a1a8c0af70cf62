import os, math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def lift(x, k=10):
    a = x * math.pi * torch.arange(1, k + 1) / 2
    return torch.cat([x, torch.sin(a), torch.cos(a)], 1)


def truth(x):
    return 1.3 * torch.sin(2.2 * x) + 0.3 * x


x = 4 * torch.rand(60, 1) - 2
y = truth(x) + 0.6 * torch.randn(60, 1)
xv = 4 * torch.rand(500, 1) - 2
yv = truth(xv) + 0.6 * torch.randn(500, 1)

net = nn.Sequential(nn.Linear(21, 128), nn.GELU(), nn.Linear(128, 128), nn.GELU(), nn.Linear(128, 1))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.0)
phi, phiv = lift(x), lift(xv)

for it in range(1200):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(phi), y)
    loss.backward()
    opt.step()
    if (it + 1) % 60 == 0:
        with torch.no_grad():
            v = nn.functional.mse_loss(net(phiv), yv)
        print(f"{it + 1:5d} fit {loss.item():.4f} held-out {v.item():.4f}")

print(f"final_metric={1 - v.item() / yv.var().item():.4f}")
