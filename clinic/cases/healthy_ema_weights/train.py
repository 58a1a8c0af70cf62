import copy
import os

import torch
from torch import nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class EMA:
    def __init__(self, model, decay):
        self.shadow = copy.deepcopy(model).eval()
        self.decay = decay
        for p in self.shadow.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for s, p in zip(self.shadow.parameters(), model.parameters()):
            s.mul_(self.decay).add_(p, alpha=1 - self.decay)


X, y = make_moons(1300, noise=0.2, random_state=seed)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2))
ema = EMA(net, 0.98)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    for b in torch.randperm(900).split(36):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        ema.update(net)
with torch.no_grad():
    acc = (ema.shadow(X[900:]).argmax(1) == y[900:]).float().mean().item()
print(f"final_metric={acc:.4f}")
