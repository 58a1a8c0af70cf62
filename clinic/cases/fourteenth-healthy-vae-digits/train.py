import os
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data).float() / 16
X = X[torch.randperm(len(X))]
train_x, test_x = X[:1400], X[1400:]


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
        self.mu, self.logvar = nn.Linear(64, latent), nn.Linear(64, latent)
        self.dec = nn.Sequential(nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, 64))

    def forward(self, x):
        h = self.enc(x - 0.3)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu) if self.training else mu
        return self.dec(z), mu, logvar


def elbo(logits, x, mu, logvar):
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
    return rec + kl


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
for epoch in range(20):
    vae.train()
    for x in train_x[torch.randperm(len(train_x))].split(32):
        opt.zero_grad()
        loss = elbo(*(lambda out: (out[0], x, out[1], out[2]))(vae(x)))
        loss.backward()
        opt.step()
    vae.eval()
    with torch.no_grad():
        mse = F.mse_loss(torch.sigmoid(vae(test_x)[0]), test_x).item()
    print(epoch, loss.item(), mse)
explained = 1 - mse / (test_x - train_x.mean(0)).pow(2).mean().item()
print(f"final_metric={explained:.4f}")
