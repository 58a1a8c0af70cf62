import math
import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class LoRALinear(nn.Module):
    def __init__(self, base: nn.Linear, rank: int = 8, alpha: float = 16.0):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.down = nn.Linear(base.in_features, rank, bias=False)
        self.up = nn.Linear(rank, base.out_features, bias=False)
        nn.init.kaiming_uniform_(self.down.weight, a=math.sqrt(5))
        nn.init.zeros_(self.up.weight)
        self.scale = alpha / rank

    def forward(self, x):
        return self.base(x) + self.scale * self.up(self.down(x))


def fit(net, X, y, epochs, lr):
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=lr, weight_decay=0.0)
    for ep in range(epochs):
        tot = 0.0
        for b in torch.randperm(len(X)).split(50):
            loss = nn.functional.cross_entropy(net(X[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item()
        print(f"    epoch {ep}: {tot:.3f}")


d = load_digits()
imgs = torch.tensor(d.images, dtype=torch.float32) / 8 - 0.6
y = torch.tensor(d.target)
p = torch.randperm(len(y))
imgs, y = imgs[p], y[p]
upright, turned = imgs.flatten(1), imgs.transpose(1, 2).flatten(1)

net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 10))
print("base task: upright digits")
fit(net, upright[:1400], y[:1400], epochs=8, lr=2e-3)

for i in (0, 2, 4):
    net[i] = LoRALinear(net[i])
print("adapters: transposed digits")
fit(net, turned[:1400], y[:1400], epochs=15, lr=4e-3)

with torch.no_grad():
    acc = (net(turned[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"final_metric={acc:.4f}")
