import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
Q = torch.tensor([.1, .5, .9])

def trains(n):
    x = torch.randn(n, 6)
    loc = .8 * x[:, 0] + torch.relu(x[:, 1]) - .4 * x[:, 2] * x[:, 3]
    scale = .3 + .5 * torch.sigmoid(2 * x[:, 4])
    e = -torch.log(torch.rand(n))              # exponential delays: skewed
    return x, (loc + scale * e - .6) / 1.3

def pinball(pred, y):
    d = y[:, None] - pred
    return torch.maximum(Q * d, (Q - 1) * d).mean()

net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
x, y = trains(6000)
xv, yv = trains(2000)
base = pinball(torch.quantile(y, Q).expand(2000, 3), yv).item()
for epoch in range(10):
    for b in torch.randperm(6000).split(64):
        loss = pinball(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        o = net(xv)
        v = pinball(o, yv).item()
    cover = (yv[:, None] <= o).float().mean(0)
    print(f'epoch {epoch} {loss.item():.4f} val {v:.4f} cover', [round(c, 3) for c in cover.tolist()])
print(f'final_metric={1 - v / base:.4f}')
