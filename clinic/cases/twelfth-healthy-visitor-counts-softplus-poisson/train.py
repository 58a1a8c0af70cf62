import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def visitors(n):
    x = torch.rand(n, 3) * 2 - 1
    rate = torch.exp(1.0 + 0.8 * x[:, 0] - 0.9 * x[:, 1] ** 2 + 0.4 * torch.sin(3 * x[:, 2]))
    return x * 1.73, torch.poisson(rate).unsqueeze(1), rate.unsqueeze(1)


X, y, _ = visitors(6000)
Xv, yv, rv = visitors(1000)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Softplus())
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for idx in torch.randperm(6000).split(64):
        loss = F.poisson_nll_loss(net(X[idx]), y[idx], log_input=False)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = net(Xv)
        print(epoch, loss.item(), F.poisson_nll_loss(p, yv, log_input=False).item())
r2 = 1 - ((p - rv) ** 2).mean() / rv.var()
print(f"final_metric={r2.item():.4f}")
