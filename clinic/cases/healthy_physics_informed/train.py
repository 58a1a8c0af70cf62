import os
import math
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
# u'' + 0.4 u' + 4 u = 0, u(0) = 1, u'(0) = 0 on [0, 3]
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.998)
t0 = torch.zeros(1, 1, requires_grad=True)
for it in range(1100):
    t = (3 * torch.rand(64, 1)).requires_grad_(True)
    u = net(t)
    (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
    (ddu,) = torch.autograd.grad(du.sum(), t, create_graph=True)
    physics = (ddu + 0.4 * du + 4 * u).pow(2).mean()
    u0 = net(t0)
    (du0,) = torch.autograd.grad(u0.sum(), t0, create_graph=True)
    loss = 0.2 * physics + 5 * ((u0 - 1) ** 2 + du0 ** 2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if it % 200 == 0:
        print(it, loss.item())
with torch.no_grad():
    ts = torch.linspace(0, 3, 200)[:, None]
    w = math.sqrt(4 - 0.04)
    exact = torch.exp(-0.2 * ts) * (torch.cos(w * ts) + 0.2 / w * torch.sin(w * ts))
    r2 = 1 - ((net(ts) - exact) ** 2).mean() / exact.var()
print(f"final_metric={r2.item():.4f}")
