import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def real(n):
    a = torch.rand(n) * 2 * math.pi
    r = 1.5 + 0.1 * torch.randn(n)
    return torch.stack([r * a.cos(), r * a.sin()], 1)


G = nn.Sequential(nn.Linear(4, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 2))
D = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
og = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.99))
od = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.99))
bce = nn.BCEWithLogitsLoss()
B = 64
ones, zeros = torch.ones(B, 1), torch.zeros(B, 1)
for step in range(900):
    fake = G(torch.randn(B, 4))
    loss_d = bce(D(real(B)), 0.9 * ones) + bce(D(fake.detach()), zeros)
    od.zero_grad()
    loss_d.backward()
    od.step()
    loss_g = bce(D(fake), ones)
    og.zero_grad()
    loss_g.backward()
    og.step()
    if step % 100 == 99:
        print(f"step {step + 1} D {loss_d.item():.3f} G {loss_g.item():.3f}")
with torch.no_grad():
    s = G(torch.randn(2000, 4))
    r = s.norm(dim=1)
    sectors = torch.histc(torch.atan2(s[:, 1], s[:, 0]), 8, -math.pi, math.pi) / 2000
score = 1 - (r - 1.5).abs().mean().item() - (sectors - 0.125).abs().sum().item() / 2
print(f"final_metric={score:.4f}")
