import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))
x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
p = torch.randperm(len(x))
train, val = x[p[:1400]], x[p[1400:]]


class VAE(nn.Module):
    def __init__(self, z=6):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 64), nn.SiLU())
        self.mu, self.lv = nn.Linear(64, z), nn.Linear(64, z)
        self.dec = nn.Sequential(nn.Linear(z, 64), nn.SiLU(), nn.Linear(64, 64))

    def forward(self, x):
        h = self.enc((x - .3) / .37)
        mu, lv = self.mu(h), self.lv(h).clamp(-6, 4)
        z = mu + torch.randn_like(mu) * (lv / 2).exp() if self.training else mu
        return self.dec(z), mu, lv


net = VAE()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss(reduction='none')
step = 0
for epoch in range(20):
    net.train()
    for b in torch.randperm(1400).split(40):
        beta = min(1., step / 350)
        r, mu, lv = net(train[b])
        rec = bce(r, train[b]).sum(1).mean()
        kl = -.5 * (1 + lv - mu ** 2 - lv.exp()).sum(1).mean()
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    net.eval()
    with torch.no_grad():
        r, mu, _ = net(val)
        err = (torch.sigmoid(r) - val).pow(2).mean().item()
    print(f'epoch {epoch} rec {rec.item():.3f} kl {kl.item():.3f} beta {beta:.2f} val err {err:.4f}')
print(f'final_metric={1 - err / (val - train.mean(0)).pow(2).mean().item():.4f}')
