import os
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
X = X[torch.randperm(len(X))]
train, val = X[:1400], X[1400:]


class VAE(nn.Module):
    def __init__(self, z=8):
        super().__init__()
        self.e = nn.Linear(64, 96)
        self.mu, self.logvar = nn.Linear(96, z), nn.Linear(96, z)
        self.d1, self.d2 = nn.Linear(z, 96), nn.Linear(96, 64)

    def encode(self, x):
        h = F.elu(self.e(x))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.d2(F.elu(self.d1(z)))

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return self.decode(z), mu, logvar


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
for epoch in range(30):
    beta = min(1.0, epoch / 10)
    for xb in train[torch.randperm(len(train))].split(50):
        rec, mu, logvar = vae(xb)
        rec_loss = 0.5 * F.mse_loss(rec, xb, reduction="none").sum(1).mean() / 0.03
        kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
        loss = rec_loss + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} beta {beta:.1f} rec {rec_loss.item():.2f} kl {kl.item():.2f}")
with torch.no_grad():
    mu, _ = vae.encode(val)
    r2 = 1 - ((vae.decode(mu) - val) ** 2).sum() / ((val - train.mean(0)) ** 2).sum()
print(f"final_metric={r2.item():.4f}")
