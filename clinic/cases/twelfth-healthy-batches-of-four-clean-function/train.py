import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def robot(n):
    q = torch.rand(n, 2) * 2 - 1
    tip = torch.stack([torch.cos(1.5 * q[:, 0]) + 0.7 * torch.cos(1.5 * q.sum(1)), torch.sin(1.5 * q[:, 0]) + 0.7 * torch.sin(1.5 * q.sum(1))], 1)
    return q * 1.73, tip


X, y = robot(1600)
m, s = y.mean(0), y.std(0)
Xv, yv = robot(400)
y, yv = (y - m) / s, (yv - m) / s
net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.5)
for epoch in range(4):
    tot = 0.0
    for idx in torch.randperm(1600).split(4):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(Xv), yv).item()
    print(epoch, tot / 400, val)
print(f"final_metric={1 - val / yv.var().item():.4f}")
