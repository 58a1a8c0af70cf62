import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
DEPTH = 16


class Res(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, d))
        for m in self.f:
            if isinstance(m, nn.Linear):
                nn.init.kaiming_normal_(m.weight)

    def forward(self, x):
        return x + 2.0 / DEPTH * self.f(x)


W = torch.randn(14, 5) / 14 ** .5
def flight(n):
    x = torch.randn(n, 14)
    z = x @ W
    y = torch.sin(2 * z[:, 0]) + z[:, 1] * z[:, 2] + .5 * torch.relu(z[:, 3]) + .1 * torch.randn(n)
    return x, y[:, None] / 1.2

x, y = flight(4000)
xv, yv = flight(800)
net = nn.Sequential(nn.Linear(14, 48), *[Res(48) for _ in range(DEPTH)], nn.ReLU(), nn.Linear(48, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-4)
for epoch in range(5):
    for b in torch.randperm(4000).split(64):
        loss = nn.functional.smooth_l1_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        o = net(xv)
        v = (o - yv).square().mean().item()
    print(f'epoch {epoch} loss {loss.item():.4g} val mse {v:.4g}')
r2 = 1 - v / yv.var().item()
print('final_metric=%.4f' % (max(r2, -1.) if r2 == r2 else -1.))
