import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
Q = torch.tensor([0.1, 0.5, 0.9])


def demand(n):
    x = torch.rand(n, 3) * 2 - 1
    mu = torch.sin(3 * x[:, 0]) + x[:, 1]
    y = mu + (0.2 + 0.4 * (x[:, 2] > 0)) * torch.randn(n)
    return x, y


class QuantileNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.low, self.gaps = nn.Linear(64, 1), nn.Linear(64, 2)

    def forward(self, x):
        h = self.trunk(x)
        low = self.low(h)
        return torch.cat([low, low + nn.functional.softplus(self.gaps(h)).cumsum(1)], 1)


def pinball(pred, y):
    e = y[:, None] - pred
    return torch.maximum(Q * e, (Q - 1) * e).mean()


x, y = demand(6000)
xv, yv = demand(3000)
net = QuantileNet()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
EPOCHS, BS = 15, 100
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS * len(x) // BS)
for epoch in range(EPOCHS):
    for b in torch.randperm(len(x)).split(BS):
        loss = pinball(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
    with torch.no_grad():
        p = net(xv)
        cover = (yv[:, None] < p).float().mean(0)
    print(epoch, f"train {loss.item():.4f} val {pinball(p, yv).item():.4f} coverage {[round(c, 3) for c in cover.tolist()]}")
print(f"final_metric={1 - (cover - Q).abs().max().item():.4f}")
