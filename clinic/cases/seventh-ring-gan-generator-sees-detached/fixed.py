import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
nz, batch = 4, 64


def data(n):
    a = 2 * math.pi * torch.rand(n)
    return (1.4 + 0.08 * torch.randn(n)).unsqueeze(1) * torch.stack([a.cos(), a.sin()], 1)


netG = nn.Sequential(nn.Linear(nz, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 2))
netD = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
criterion = nn.BCEWithLogitsLoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=1e-3, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=1e-3, betas=(0.5, 0.999))
real_label, fake_label = torch.full((batch, 1), 0.9), torch.zeros(batch, 1)

for i in range(800):
    # (1) Update D network
    netD.zero_grad()
    errD_real = criterion(netD(data(batch)), real_label)
    errD_real.backward()
    fake = netG(torch.randn(batch, nz))
    errD_fake = criterion(netD(fake.detach()), fake_label)
    errD_fake.backward()
    optimizerD.step()
    # (2) Update G network
    netG.zero_grad()
    errG = criterion(netD(fake), real_label)
    errG.backward()
    optimizerG.step()
    if i % 100 == 0:
        print(f"[{i}/800] Loss_D: {errD_real.item() + errD_fake.item():.4f} Loss_G: {errG.item():.4f}")
with torch.no_grad():
    s = netG(torch.randn(3000, nz))
    hist = torch.histc(torch.atan2(s[:, 1], s[:, 0]), 8, -math.pi, math.pi) / 3000
    score = 1 - (s.norm(dim=1) - 1.4).abs().mean() - (hist - 0.125).abs().sum() / 2
print(f"final_metric={score.item():.4f}")
