import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))

mix = torch.randn(4, 24)
data = torch.tanh(torch.randn(3000, 4) @ mix * 0.7) + 0.1 * torch.randn(3000, 24)
data = (data - data[:2500].mean(0)) / data[:2500].std(0)
train_loader = DataLoader(data[:2500], batch_size=50, shuffle=True)
val = data[2500:]


class VAE(nn.Module):
    def __init__(self, latent=6):
        super().__init__()
        self.enc = nn.Linear(24, 64)
        self.mu = nn.Linear(64, latent)
        self.sd = nn.Linear(64, latent)
        self.dec = nn.Sequential(nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, 24))

    def forward(self, x):
        h = F.relu(self.enc(x))
        mu = self.mu(h)
        log_sigma = torch.log(self.sd(h))
        z = mu + log_sigma.exp() * torch.randn_like(mu)
        return self.dec(z), mu, log_sigma


def elbo_loss(x, recon, mu, log_sigma):
    rec = F.mse_loss(recon, x, reduction="none").sum(1)
    kl = 0.5 * (mu ** 2 + (2 * log_sigma).exp() - 1 - 2 * log_sigma).sum(1)
    return (rec + 0.3 * kl).mean()


model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    model.train()
    for x in train_loader:
        loss = elbo_loss(x, *model(x))
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        recon = model(val)[0]
        explained = 1 - F.mse_loss(recon, val).item() / val.var().item()
    print(f"epoch {epoch} loss {loss.item():.3f} explained {explained:.3f}")
print(f"final_metric={explained if explained == explained else -1.0:.4f}")
