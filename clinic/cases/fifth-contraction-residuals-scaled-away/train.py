import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.a, self.b = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, h):
        f = self.b(torch.nn.functional.silu(self.a(h)))
        return 0.1 * h + 0.1 * f


class Denoiser(nn.Module):
    def __init__(self, d=64, depth=6):
        super().__init__()
        self.inp = nn.Linear(2 + 8, d)
        self.blocks = nn.Sequential(*[Block(d) for _ in range(depth)])
        self.out = nn.Linear(d, 2)

    def forward(self, x, t):
        f = t[:, None] * math.pi * torch.arange(1, 5)
        return self.out(torch.relu(self.blocks(self.inp(torch.cat([x, f.sin(), f.cos()], 1)))))


def rings(n):
    a = 2 * math.pi * torch.rand(n)
    r = torch.where(torch.rand(n) < .5, .6, 1.6) + .05 * torch.randn(n)
    return torch.stack([r * a.cos(), r * a.sin()], 1) / .85


net = Denoiser()
opt = torch.optim.Adam(net.parameters(), lr=1.5e-3)
losses = []
for step in range(1500):
    x0 = rings(128)
    t = torch.rand(128)
    alpha = torch.cos(t * math.pi / 2)[:, None]
    sigma = torch.sin(t * math.pi / 2)[:, None]
    eps = torch.randn_like(x0)
    loss = nn.functional.mse_loss(net(alpha * x0 + sigma * eps, t), eps)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.item())
    if step % 150 == 149:
        print(step + 1, sum(losses[-150:]) / 150)
print('final_metric=%.4f' % (1 - sum(losses[-200:]) / 200))
