import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(400, 2) * 4 - 2
y = torch.sin(x[:, :1] * 1.5) * torch.cos(x[:, 1:]) + 0.05 * torch.randn(400, 1)
xt, yt, xv, yv = x[:300], y[:300], x[300:], y[300:]

net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))
opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=4, history_size=20)


def closure():
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(xt), yt) + 1e-5 * sum((p ** 2).sum() for p in net.parameters())
    loss.backward()
    return loss


for it in range(150):
    loss = opt.step(closure)
    if it % 30 == 0:
        print(it, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(xv), yv) / yv.var()
print(f"final_metric={r2.item():.4f}")
