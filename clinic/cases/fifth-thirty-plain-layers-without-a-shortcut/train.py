import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


class Layer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.lin = nn.LayerNorm(d), nn.Linear(d, d)
        nn.init.kaiming_normal_(self.lin.weight, nonlinearity='relu')

    def forward(self, x):
        return self.lin(torch.relu(self.norm(x)))


class Deep(nn.Module):
    def __init__(self, i, d, o, depth):
        super().__init__()
        self.inp = nn.Linear(i, d)
        self.layers = nn.Sequential(*[Layer(d) for _ in range(depth)])
        self.out = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, o))

    def forward(self, x):
        return self.out(self.layers(self.inp(x)))


proj = torch.randn(2, 10, 24) / 10 ** .5
def control(n):
    x = torch.randn(n, 10)
    y = (torch.sin(2 * x @ proj[0]) * torch.cos(x @ proj[1]))[:, :6].mul(2)
    return x, y + .05 * torch.randn(n, 6)

x, y = control(5000)
xv, yv = control(1000)
s = y.std(0)
y, yv = y / s, yv / s
net = Deep(10, 48, 6, depth=30)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(7):
    run = 0.
    for b in torch.randperm(5000).split(64):
        loss = (net(x[b]) - y[b]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(b) / 5000
    with torch.no_grad():
        v = (net(xv) - yv).pow(2).mean().item()
    print(f'{epoch} train {run:.4f} val {v:.4f}')
print(f'final_metric={1 - v / yv.var(0).mean().item():.4f}')
