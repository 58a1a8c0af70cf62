import math
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
EPOCHS, BS = 15, 50
X = torch.rand(3000, 2) * 6 - 3
target = torch.sin(2 * X[:, :1]) * X[:, 1:] + torch.cos(X[:, 1:] * 2)
target = (target - target.mean()) / target.std()
xt, yt, xv, yv = X[:2500], target[:2500], X[2500:], target[2500:]
net = nn.Sequential(nn.Linear(2, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1))
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-3)
total = EPOCHS * (2500 // BS)
warm = max(1, total // 10)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: (k + 1) / warm if k < warm else 0.5 * (1 + math.cos(math.pi * min(1.0, (k - warm) / (total - warm)))))
for ep in range(EPOCHS):
    tr = 0.0
    for b in torch.randperm(2500).split(BS):
        loss = nn.functional.mse_loss(net(xt[b]), yt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tr += loss.item() * BS / 2500
    with torch.no_grad():
        va = nn.functional.mse_loss(net(xv), yv).item()
    print(f"{ep:2d} train {tr:.4f} val {va:.4f}")
print(f"final_metric={1 - va / yv.var().item():.4f}")
