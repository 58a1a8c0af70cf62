import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed); torch.manual_seed(seed)

# predict the cosine of the angle between two 3-D directions
def unit(n):
    v = np.random.randn(n, 3)
    return v / np.linalg.norm(v, axis=1, keepdims=True)

a, b = unit(3000), unit(3000)
X = torch.tensor(np.hstack([a, b]), dtype=torch.float32)
Y = torch.tensor((a * b).sum(1, keepdims=True), dtype=torch.float32)
Xt, Yt, Xv, Yv = X[:2400], Y[:2400], X[2400:], Y[2400:]

net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1), nn.Tanh())
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 8, 0.4)
for epoch in range(24):
    for idx in torch.randperm(2400).split(60):
        loss = nn.functional.mse_loss(net(Xt[idx]), Yt[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(Xv), Yv) / Yv.var()
print(f"final_metric={r2.item():.4f}")
