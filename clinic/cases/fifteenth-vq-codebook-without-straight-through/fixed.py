"""VQ autoencoder on digits, then a classifier-free check: reconstruction R2."""
import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data, dtype=torch.float32) / 16
X = X[torch.randperm(len(X))]
train, test = X[:1400], X[1400:]


class VQ(nn.Module):
    def __init__(self, n_codes=32, d=8, groups=6):
        super().__init__()
        self.groups, self.d = groups, d
        self.codebook = nn.Parameter(torch.randn(n_codes, d) * 0.5)

    def forward(self, z):
        z = z.view(-1, self.groups, self.d)
        dist = (z.unsqueeze(2) - self.codebook).pow(2).sum(-1)
        q = self.codebook[dist.argmin(-1)]
        book_loss = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
        out = z + (q - z).detach()
        return out.flatten(1), book_loss


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48))
        self.vq = VQ()
        self.dec = nn.Sequential(nn.Linear(48, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        q, bl = self.vq(self.enc(x))
        return self.dec(q), bl


net = Model()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(30):
    perm = torch.randperm(len(train))
    for i in range(0, len(train), 64):
        xb = train[perm[i : i + 64]]
        rec, bl = net(xb)
        loss = F.mse_loss(rec, xb) + 0.25 * bl
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(test)[0], test) / test.sub(test.mean(0)).pow(2).mean()
print(f"final_metric={r2.item():.4f}")
