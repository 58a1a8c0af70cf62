import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))

def real(n):  # ring of radius 2
    a = torch.rand(n) * 6.28318
    return torch.stack([a.cos(), a.sin()], 1) * 2 + .05 * torch.randn(n, 2)

def mlp(i, o): return nn.Sequential(nn.Linear(i, 48), nn.LeakyReLU(.2), nn.Linear(48, 48), nn.LeakyReLU(.2), nn.Linear(48, o))
G, D = mlp(4, 2), mlp(2, 1)
g_opt = torch.optim.Adam(G.parameters(), 1e-3, betas=(.5, .99))
d_opt = torch.optim.Adam(D.parameters(), 1e-3, betas=(.5, .99))
bce = nn.BCEWithLogitsLoss()
N = 64
one, zero = torch.ones(N, 1), torch.zeros(N, 1)
for it in range(800):
    # discriminator
    fake = G(torch.randn(N, 4))
    loss_d = bce(D(real(N)), one) + bce(D(fake.detach()), zero)
    loss_d.backward()
    d_opt.step()
    # generator
    g_opt.zero_grad()
    loss_g = bce(D(fake), one)
    loss_g.backward()
    g_opt.step()
    if it % 200 == 0: print("[%d] D %.3f G %.3f" % (it, loss_d.item(), loss_g.item()))
with torch.no_grad():
    f, r = G(torch.randn(1000, 4)), real(1000)
    # energy distance (0 is best)
    e = 2 * torch.cdist(f, r).mean() - torch.cdist(f, f).mean() - torch.cdist(r, r).mean()
print("final_metric=%.4f" % -e.item())
