"""x'' + 0.6 x' + 4 x = 0, x(0) = 1, x'(0) = 0 on [0, 4]"""
import math
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 2500)


def x_of(t):
    # initial conditions are built in
    return 1 + t**2 * net(t / 2 - 1)


for it in range(2500):
    t = (torch.rand(64, 1) * 4).requires_grad_()
    x = x_of(t)
    dx = torch.autograd.grad(x.sum(), t, create_graph=True)[0]
    ddx = torch.autograd.grad(dx.sum(), t, create_graph=True)[0]
    loss = (ddx + 0.6 * dx + 4 * x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if it % 250 == 0:
        print(it, loss.item())
with torch.no_grad():
    t = torch.linspace(0, 4, 200)[:, None]
    w = math.sqrt(4 - 0.09)
    true = torch.exp(-0.3 * t) * (torch.cos(w * t) + 0.3 / w * torch.sin(w * t))
    err = (x_of(t) - true).abs().max().item()
print(f"final_metric={1 - err:.4f}")
