import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

n = 3000
t = np.arange(n)
load = 1.0 + 0.5 * np.sin(2 * np.pi * t / 48) + 0.3 * np.sin(2 * np.pi * t / 336)
noise = np.zeros(n)
for i in range(1, n):
    noise[i] = 0.8 * noise[i - 1] + 0.1 * rng.standard_normal()
load = load * (1 + 0.3 * np.tanh(noise)) + 0.02 * rng.standard_normal(n)
mu, sd = load[:2200].mean(), load[:2200].std()
load = torch.tensor((load - mu) / sd, dtype=torch.float32)

LAGS = 48
X = load.unfold(0, LAGS, 1)[:-1]
Y = load[LAGS:]
Xtr, Ytr, Xte, Yte = X[:2100], Y[:2100], X[2200:], Y[2200:]

model = nn.Sequential(nn.Linear(LAGS, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.998)
for epoch in range(15):
    model.train()
    for idx in torch.randperm(len(Xtr)).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(Xtr[idx]).squeeze(1), Ytr[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(model(Xte).squeeze(1), Yte) / Yte.var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={max(r2, -1.0):.4f}")
