import os
import math
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get('SEED', 0)))
centres = torch.tensor([[math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)] for k in range(8)]) * 1.4

def real(n):
    return centres[torch.randint(0, 8, (n,))] + .12 * torch.randn(n, 2)

G = nn.Sequential(nn.Linear(8, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 2))
D = nn.Sequential(nn.Linear(2, 96), nn.LeakyReLU(.2), nn.Linear(96, 96), nn.LeakyReLU(.2), nn.Linear(96, 1))
og = torch.optim.Adam(G.parameters(), lr=5e-4, betas=(.5, .999))
od = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(.5, .999))
for step in range(1200):
    x = real(128)
    fake = G(torch.randn(128, 8))
    ld = F.softplus(-D(x)).mean() + F.softplus(D(fake.detach())).mean()
    od.zero_grad()
    ld.backward()
    od.step()
    lg = F.softplus(-D(fake)).mean()
    og.zero_grad()
    lg.backward()
    og.step()
    if step % 200 == 199:
        print(f'{step + 1} d {ld.item():.3f} g {lg.item():.3f}')
with torch.no_grad():
    s = G(torch.randn(2000, 8))
    dist, who = torch.cdist(s, centres).min(1)
    hits = torch.stack([((who == k) & (dist < .4)).float().mean() for k in range(8)])
print('share per mode', [round(h, 3) for h in hits.tolist()])
print(f'final_metric={hits.clamp(max=.125).sum().item():.4f}')
