import os
import math
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def spirals(n):
    y = torch.randint(0, 2, (n,))
    r = torch.rand(n).sqrt()
    a = 2.2 * math.pi * r + math.pi * y
    x = torch.stack([r * torch.cos(a), r * torch.sin(a)], 1) + 0.02 * torch.randn(n, 2)
    return x / 0.5, y


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))


net = nn.Sequential(nn.Linear(2, 24), *[Block(24) for _ in range(16)], nn.LayerNorm(24), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
X, y = spirals(2000)
Xv, yv = spirals(600)
for epoch in range(5):
    net.train()
    for idx in torch.randperm(2000).split(50):
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(Xv)
    acc = (out.argmax(1) == yv).float().mean().item()
    print(epoch, loss.item(), nn.functional.cross_entropy(out, yv).item(), acc)
print(f"final_metric={acc:.4f}")
