import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

def real(n):
    u = torch.rand(n, 1) * 3.1416
    return torch.cat([u.cos(), u.sin()], 1) + 0.1 * torch.randn(n, 2) + torch.tensor([0.5, 0.5])

gen = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
disc = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
opt_g = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(disc.parameters(), lr=1e-3, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
bs = 64
for it in range(1000):
    # discriminator
    fake = gen(torch.randn(bs, 4))
    opt_d.zero_grad()
    loss_d = criterion(disc(real(bs)), torch.ones(bs, 1)) + criterion(disc(fake.detach()), torch.zeros(bs, 1))
    loss_d.backward()
    opt_d.step()
    # generator
    opt_g.zero_grad()
    loss_g = criterion(disc(fake), torch.ones(bs, 1))
    loss_g.backward()
    opt_g.step()
    if it % 100 == 0:
        print(it, "loss D", loss_d.item(), "loss G", loss_g.item())
with torch.no_grad():
    f, r = gen(torch.randn(800, 4)), real(800)
    e = 2 * torch.cdist(f, r).mean() - torch.cdist(f, f).mean() - torch.cdist(r, r).mean()
print("final_metric=%.4f" % -e.item())
