import os
import math
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def rings(n_big, n_small):
    def ring(n, r):
        a = torch.rand(n) * 2 * math.pi
        rad = r + 0.12 * torch.randn(n)
        return torch.stack([rad * a.cos(), rad * a.sin()], 1)
    x = torch.cat([ring(n_big, 1.4), ring(n_small, 0.7)])
    y = torch.cat([torch.zeros(n_big), torch.ones(n_small)])
    i = torch.randperm(len(x))
    return x[i], y[i]


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=0.7):
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, logits, target):
        bce = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
        pt = torch.exp(-bce)
        a = self.alpha * target + (1 - self.alpha) * (1 - target)
        return (a * (1 - pt) ** self.gamma * bce).mean()


x, y = rings(1800, 300)
xv, yv = rings(300, 300)
net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
crit = FocalLoss()
for epoch in range(15):
    for b in torch.randperm(len(x)).split(70):
        loss = crit(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = ((net(xv) > 0).float() == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
