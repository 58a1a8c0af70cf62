import os
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

n_spots, n_genes = 3000, 60
program = rng.gamma(2., 1., (4, n_genes))
mix = rng.dirichlet(np.ones(4), n_spots)
counts = rng.poisson(mix @ program * rng.uniform(.5, 3, (n_spots, 1))).astype(np.float64)
counts[rng.choice(n_spots, 25, replace=False)] = 0

target = mix[:, :1] * 2 - mix[:, 1:2] + .5 * mix[:, 2:3]
np.seterr(all="ignore")
x = np.log1p(counts / counts.sum(1, keepdims=True) * 100)
x = (x - np.nanmean(x, 0)) / np.nanstd(x, 0)
x, target = torch.tensor(x, dtype=torch.float32), torch.tensor(target, dtype=torch.float32)

class DeepSpot(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(n_genes, 64), nn.GELU(), nn.Linear(64, 32), nn.GELU())
        self.rho = nn.Linear(32, 1)
    def forward(self, x):
        return self.rho(self.phi(x))

cut = int(.8 * len(x))
model = DeepSpot()
opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
for epoch in range(12):
    losses = []
    for b in torch.randperm(cut).split(32):
        loss = nn.functional.mse_loss(model(x[b]), target[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch", epoch, "Train loss:", np.mean(losses))
with torch.no_grad():
    pred = model(x[cut:])
    ok = torch.isfinite(x[cut:]).all(1)
    r2 = 1 - ((pred - target[cut:])[ok] ** 2).mean() / target[cut:].var()
print("final_metric=%.4f" % np.nan_to_num(r2.item(), nan=-10.))
