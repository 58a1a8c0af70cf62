import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
data = torch.tensor(d.images / 8.0 - 1, dtype=torch.float32).unsqueeze(1)
nz, ngf, ndf = 16, 16, 16

def weights_init(m):
    classname = m.__class__.__name__
    if classname.find('Conv') != -1:
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif classname.find('BatchNorm') != -1:
        nn.init.normal_(m.weight, 1.0, 0.02)
        nn.init.zeros_(m.bias)

netG = nn.Sequential(
    nn.ConvTranspose2d(nz, ngf * 2, 2, 1, 0, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
    nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
    nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False), nn.Tanh())
netD = nn.Sequential(
    nn.Conv2d(1, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf * 2, 1, 2, 1, 0, bias=False), nn.Sigmoid(), nn.Flatten(0))
netG.apply(weights_init)
netD.apply(weights_init)

criterion = nn.BCELoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=0.0005, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=0.001, betas=(0.5, 0.999))
for epoch in range(16):
    for b in torch.randperm(len(data)).split(64):
        # (1) Update D network: maximize log(D(x)) + log(1 - D(G(z)))
        netD.zero_grad()
        real = data[b]
        label = torch.full((len(b),), 1.)
        errD_real = criterion(netD(real), label)
        errD_real.backward()
        fake = netG(torch.randn(len(b), nz, 1, 1))
        label.fill_(0.)
        errD_fake = criterion(netD(fake.detach()), label)
        errD_fake.backward()
        optimizerD.step()
        # (2) Update G network: maximize log(D(G(z)))
        netG.zero_grad()
        label.fill_(1.)
        output = netD(fake)
        errG = criterion(output, label)
        errG.backward()
        optimizerG.step()
    if epoch % 4 == 3:
        print('[%d/16] Loss_D: %.4f Loss_G: %.4f D(G(z)): %.4f' % (epoch + 1, (errD_real + errD_fake).item(), errG.item(), output.mean().item()))
with torch.no_grad():
    fake = netG(torch.randn(1797, nz, 1, 1))
mean_gap = (fake.mean(0) - data.mean(0)).abs().mean() + (fake.std(0) - data.std(0)).abs().mean()
print('final_metric=%.4f' % (1 - mean_gap.item()))
