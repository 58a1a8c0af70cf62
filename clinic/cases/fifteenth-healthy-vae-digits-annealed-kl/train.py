import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = torch.tensor(load_digits().data / 16, dtype=torch.float32)
data = data[torch.randperm(len(data))]
tr, te = data[:1450], data[1450:]


class VAE(nn.Module):
    def __init__(self, z=8):
        super().__init__()
        self.e = nn.Sequential(nn.Linear(64, 100), nn.SiLU())
        self.mu, self.lv = nn.Linear(100, z), nn.Linear(100, z)
        self.d = nn.Sequential(nn.Linear(z, 100), nn.SiLU(), nn.Linear(100, 64))

    def forward(self, x):
        h = self.e(x - 0.3)
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * lv) if self.training else mu
        return self.d(z), mu, lv


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
EPOCHS = 40
for epoch in range(EPOCHS):
    beta = min(1.0, epoch / 10)
    vae.train()
    for idx in torch.randperm(len(tr)).split(64):
        x = tr[idx]
        logits, mu, lv = vae(x)
        rec = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
        kl = (-0.5 * (1 + lv - mu**2 - lv.exp()).sum(1)).mean()
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    vae.eval()
    with torch.no_grad():
        logits, mu, _ = vae(te)
        r2 = 1 - (logits.sigmoid() - te).pow(2).mean() / (te - te.mean(0)).pow(2).mean()
    if epoch % 5 == 4:
        print(epoch, f"rec {rec.item():.2f} kl {kl.item():.2f} r2 {r2.item():.3f}")
print(f"final_metric={r2.item():.4f}")
