"""Dose-response: predict log concentration from a 12-channel spectrum."""
import os
import numpy as np
import torch

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

load = np.sort(rng.uniform(-1.7, 1.7, 1200))
centres = np.linspace(-2, 2, 12)
spec = np.exp(-(load[:, None] - centres) ** 2) + 0.25 * rng.standard_normal((1200, 12))
spec = (spec - spec.mean(0)) / spec.std(0)
holdout = np.zeros(1200, bool); holdout[::5] = True

X = torch.tensor(spec, dtype=torch.float32)
y = torch.tensor(load, dtype=torch.float32)[:, None]
Xtr, ytr, Xho, yho = X[~holdout], y[~holdout], X[holdout], y[holdout]

model = torch.nn.Sequential(
    torch.nn.Linear(12, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
B = 24
for epoch in range(10):
    order = torch.arange(len(Xtr))
    for s in range(0, len(Xtr), B):
        idx = order[s:s + B]
        loss = (model(Xtr[idx]) - ytr[idx]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch %d, last batch mse %.4f" % (epoch, loss.item()))
with torch.no_grad():
    print("final_metric=%.4f" % max(-5, 1 - ((model(Xho) - yho).pow(2).mean() / yho.var()).item()))
