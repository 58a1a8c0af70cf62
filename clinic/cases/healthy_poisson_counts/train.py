import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

# visits today, yesterday, ... -> number of orders
X = rng.poisson(12, size=(2400, 6)).astype(np.float32)
rate = np.exp(0.9 + 0.08 * (X[:, 0] - 12) + 0.05 * (X[:, 1] - 12) - 0.004 * (X[:, 2] - 12) ** 2 + 0.6)
y = rng.poisson(rate).astype(np.float32)
X = torch.from_numpy(X / 10)
y = torch.from_numpy(y).unsqueeze(1)
mean_rate = torch.from_numpy(rate.astype(np.float32)).unsqueeze(1)

model = nn.Sequential(nn.Linear(6, 32), nn.Softplus(), nn.Linear(32, 1))
loss_fn = nn.PoissonNLLLoss(log_input=True)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 20)
for epoch in range(20):
    for b in torch.randperm(1800).split(60):
        loss = loss_fn(model(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print(epoch, loss.item())
with torch.no_grad():
    lam = model(X[1800:]).exp()
    # explained share of the true rate on held-out days
    r2 = 1 - ((lam - mean_rate[1800:]) ** 2).mean() / mean_rate[1800:].var()
print(f"final_metric={r2.item():.4f}")
