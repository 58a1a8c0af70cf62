import os
import math
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


def crescents(n):
    a = math.pi * torch.rand(n)
    up = torch.rand(n) < .5
    x = torch.where(up, a.cos(), 1 - a.cos())
    y = torch.where(up, a.sin(), .5 - a.sin())
    p = torch.stack([x - .5, y - .25], 1) + .08 * torch.randn(n, 2)
    return p / torch.tensor([.87, .5])


class Coupling(nn.Module):
    def __init__(self, flip, h=48):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, h), nn.SiLU(), nn.Linear(h, h), nn.SiLU(), nn.Linear(h, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x[:, :1], x[:, 1:]
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = 2 * torch.tanh(s / 2)
        b = b * s.exp() + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.squeeze(1)


class Flow(nn.Module):
    def __init__(self, n=6):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(i % 2 == 1) for i in range(n))

    def log_prob(self, x):
        ld = 0.
        for l in self.layers:
            x, s = l(x)
            ld = ld + s
        return -.5 * (x ** 2).sum(1) - math.log(2 * math.pi) + ld


flow = Flow()
STEPS = 700
opt = torch.optim.Adam(flow.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, STEPS)
test = crescents(2000)
for step in range(STEPS):
    loss = -flow.log_prob(crescents(128)).mean()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(flow.parameters(), 10.)
    opt.step()
    sched.step()
    if step % 100 == 99:
        with torch.no_grad():
            print(step + 1, 'nll', loss.item(), 'test', -flow.log_prob(test).mean().item())
with torch.no_grad():
    print('final_metric=%.4f' % flow.log_prob(test).mean().item())
