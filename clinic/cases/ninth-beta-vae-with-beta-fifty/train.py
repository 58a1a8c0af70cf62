import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 96), nn.ReLU())
        self.mu = nn.Linear(96, latent)
        self.logvar = nn.Linear(96, latent)
        self.dec = nn.Sequential(nn.Linear(latent, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.dec(z), mu, logvar


def elbo_terms(x, out):
    recon, mu, logvar = out
    rec = F.mse_loss(recon, x, reduction="sum") / len(x)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1).mean()
    return rec, kl


def run(beta=50.0, epochs=20):
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    x = torch.tensor(load_digits().data, dtype=torch.float32)
    x = x[torch.randperm(len(x))]
    x = (x - x[:1500].mean()) / x[:1500].std()
    train, test = x[:1500], x[1500:]
    vae = VAE()
    opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
    for epoch in range(epochs):
        sums = [0.0, 0.0]
        for b in torch.randperm(len(train)).split(50):
            rec, kl = elbo_terms(train[b], vae(train[b]))
            loss = rec + beta * kl
            opt.zero_grad()
            loss.backward()
            opt.step()
            sums[0] += rec.item() / 30
            sums[1] += kl.item() / 30
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1}: reconstruction {sums[0]:.3f} kl {sums[1]:.3f}")
    with torch.no_grad():
        mu = vae.mu(vae.enc(test))
        mse = (vae.dec(mu) - test).pow(2).mean()
        base = (test - train.mean(0)).pow(2).mean()
    print(f"final_metric={(1 - mse / base).item():.4f}")


run()
