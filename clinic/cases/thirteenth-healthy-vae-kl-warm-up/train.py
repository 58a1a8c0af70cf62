import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
x = x[torch.randperm(len(x))]
train, valid = x[:1500], x[1500:]


class VAE(nn.Module):
    def __init__(self, latent=8):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
        self.mu, self.logvar = nn.Linear(64, latent), nn.Linear(64, latent)
        self.dec = nn.Sequential(nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        return self.dec(z), mu, logvar


def terms(out, x):
    recon, mu, logvar = out
    rec = nn.functional.binary_cross_entropy(recon, x, reduction="sum") / len(x)
    kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum() / len(x)
    return rec, kl


model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(25):
    beta = min(1.0, epoch / 15) * 0.3
    model.train()
    for b in torch.randperm(len(train)).split(50):
        rec, kl = terms(model(train[b]), train[b])
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, "rec", rec.item(), "kl", kl.item(), "beta", beta)
model.eval()
with torch.no_grad():
    explained = 1 - (model(valid)[0] - valid).square().mean() / valid.var(0).mean()
print(f"final_metric={explained.item():.4f}")
