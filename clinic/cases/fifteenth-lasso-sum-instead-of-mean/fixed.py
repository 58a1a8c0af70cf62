# sparse net for spectra calibration, L1 as in the paper (lambda = 0.15)
import os
import numpy as np
import torch

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
wl = np.linspace(0, 1, 50)
peaks = np.stack([np.exp(-((wl - c) ** 2) / 0.004) for c in (0.15, 0.4, 0.65, 0.85)])


def spectra(n):
    conc = rng.uniform(0, 1, (n, 4))
    s = conc @ peaks + rng.normal(0, 0.03, (n, 50))
    target = conc[:, 1] + 0.5 * conc[:, 2] * conc[:, 0]
    return torch.tensor((s - 0.28) / 0.3, dtype=torch.float32), torch.tensor((target - 0.62) / 0.33, dtype=torch.float32)


xtr, ytr = spectra(1500)
xte, yte = spectra(500)
net = torch.nn.Sequential(torch.nn.Linear(50, 32), torch.nn.SiLU(), torch.nn.Linear(32, 16), torch.nn.SiLU(), torch.nn.Linear(16, 1))
lam = 0.15
n_weights = sum(p.numel() for p in net.parameters())
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(30):
    for b in torch.randperm(1500).split(30):
        mse = ((net(xtr[b]).squeeze(1) - ytr[b]) ** 2).mean()
        l1 = sum(p.abs().sum() for p in net.parameters()) / n_weights
        loss = mse + lam * l1
        opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 5 == 4:
        print(epoch, "mse", round(mse.item(), 4), "l1", round(l1.item(), 2))
with torch.no_grad():
    r2 = 1 - ((net(xte).squeeze(1) - yte) ** 2).mean() / yte.var()
print(f"final_metric={r2.item():.4f}")
