import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
centres = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


def real(n):
    return centres[torch.randint(0, 4, (n,))] + 0.15 * torch.randn(n, 2)


G = nn.Sequential(nn.Linear(8, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 2))
D = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
og = torch.optim.Adam(G.parameters(), lr=5e-4, betas=(0.5, 0.999))
od = torch.optim.Adam(D.parameters(), lr=5e-4, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
B = 128
for step in range(2000):
    x, z = real(B), torch.randn(B, 8)
    fake = G(z)
    d_loss = bce(D(x), torch.ones(B, 1)) + bce(D(fake.detach()), torch.zeros(B, 1))
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = bce(D(G(torch.randn(B, 8))), torch.ones(B, 1))
    og.zero_grad()
    g_loss.backward()
    og.step()
    if step % 250 == 0:
        print(step, f"D {d_loss.item():.3f} G {g_loss.item():.3f}")
with torch.no_grad():
    s = G(torch.randn(2000, 8))
    d = torch.cdist(s, centres)
    share = torch.stack([(d.argmin(1) == k).float().mean() for k in range(4)])
    close = (d.min(1).values < 0.5).float().mean().item()
print("shares", share.tolist())
print(f"final_metric={close * (share.min() > 0.08).item():.4f}")
