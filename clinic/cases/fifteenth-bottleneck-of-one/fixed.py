import argparse
import os

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--latent", type=int, default=8)
ap.add_argument("--epochs", type=int, default=30)
cfg = ap.parse_args([])
torch.manual_seed(int(os.environ.get("SEED", 0)))

basis = torch.linalg.qr(torch.randn(40, 6, generator=torch.Generator().manual_seed(3)))[0].T
signals = torch.randn(2400, 6) @ basis * 2.58 + 0.1 * torch.randn(2400, 40)
train, test = signals[:2000], signals[2000:]


class AutoEncoder(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(40, 48), nn.ReLU(), nn.Linear(48, latent))
        self.decoder = nn.Sequential(nn.Linear(latent, 48), nn.ReLU(), nn.Linear(48, 40))

    def forward(self, x):
        return self.decoder(self.encoder(x))


ae = AutoEncoder(cfg.latent)
opt = torch.optim.Adam(ae.parameters(), lr=3e-3)
for epoch in range(cfg.epochs):
    for b in torch.randperm(2000).split(50):
        loss = nn.functional.mse_loss(ae(train[b]), train[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print(f"final_metric={1 - nn.functional.mse_loss(ae(test), test).item() / test.var().item():.4f}")
