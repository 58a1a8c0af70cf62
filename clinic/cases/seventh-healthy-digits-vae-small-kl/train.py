import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data / 16, dtype=torch.float32)
X = X[torch.randperm(len(X))]
train, val = X[:1500], X[1500:]


class VAE(nn.Module):
    def __init__(self, z=10):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 96), nn.ReLU())
        self.mu, self.logvar = nn.Linear(96, z), nn.Linear(96, z)
        self.dec = nn.Sequential(nn.Linear(z, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        return self.dec(z), mu, logvar


def elbo(x, out, mu, logvar):
    rec = nn.functional.binary_cross_entropy_with_logits(out, x, reduction="sum") / len(x)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum() / len(x)
    return rec + 0.5 * kl


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
for epoch in range(25):
    vae.train()
    for b in torch.randperm(1500).split(50):
        loss = elbo(train[b], *vae(train[b]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    vae.eval()
    with torch.no_grad():
        out, mu, lv = vae(val)
        ev = 1 - (torch.sigmoid(out) - val).pow(2).mean() / (val - train.mean(0)).pow(2).mean()
        print(f"epoch {epoch} train {loss.item():.3f} val {elbo(val, out, mu, lv).item():.3f} explained {ev.item():.3f}")
print(f"final_metric={ev.item():.4f}")
