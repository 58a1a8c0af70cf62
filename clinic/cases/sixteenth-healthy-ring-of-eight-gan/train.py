import os
import math
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def real(n):
    a = torch.randint(0, 8, (n,)) * (math.pi / 4)
    return torch.stack([a.cos(), a.sin()], 1) * 1.3 + 0.12 * torch.randn(n, 2)


G = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
D = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
og = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.99))
od = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.99))
bce = nn.BCEWithLogitsLoss()
one, zero = torch.ones(96, 1), torch.zeros(96, 1)
for step in range(1000):
    fake = G(torch.randn(96, 6))
    ld = bce(D(real(96)), 0.9 * one) + bce(D(fake.detach()), zero)
    od.zero_grad()
    ld.backward()
    od.step()
    lg = bce(D(fake), one)
    og.zero_grad()
    lg.backward()
    og.step()
    if step % 100 == 99:
        print(step + 1, "D", ld.item(), "G", lg.item())
with torch.no_grad():
    s, r = G(torch.randn(800, 6)), real(800)
    energy = 2 * torch.cdist(s, r).mean() - torch.cdist(s, s).mean() - torch.cdist(r, r).mean()
print(f"final_metric={-energy.item():.4f}")
