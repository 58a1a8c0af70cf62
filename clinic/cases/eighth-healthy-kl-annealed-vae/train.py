import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
x = x[torch.randperm(len(x))]
fit, held = x[:1500], x[1500:]


class VAE(nn.Module):
    def __init__(self, z=6):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 2 * z))
        self.dec = nn.Sequential(nn.Linear(z, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        mu, logvar = self.enc(x).chunk(2, 1)
        code = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        rec = nn.functional.binary_cross_entropy_with_logits(self.dec(code), x, reduction="none").sum(1).mean()
        kl = 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1).mean()
        return rec, kl


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
step = 0
for epoch in range(24):
    vae.train()
    for idx in torch.randperm(1500).split(50):
        beta = min(1.0, step / 400)
        rec, kl = vae(fit[idx])
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    vae.eval()
    with torch.no_grad():
        rec, kl = vae(held)
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} beta {beta:.2f} loss {loss.item():.2f} held-out rec {rec.item():.2f} kl {kl.item():.2f}")
print(f"final_metric={-(rec + kl).item():.4f}")
