"""Soft mixture of small experts for a piecewise response surface."""
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def surface(n):
    x = torch.rand(n, 2) * 4 - 2
    region = (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()
    slopes = torch.tensor([[1.0, -1.0], [-1.5, 0.5], [0.7, 1.4], [-0.6, -1.2]])
    offs = torch.tensor([0.5, -1.0, 1.0, 0.0])
    y = (slopes[region] * x).sum(1) + offs[region]
    return x, y + 0.05 * torch.randn(n)


class MoE(nn.Module):
    def __init__(self, n_experts=6):
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(2, 1) for _ in range(n_experts))
        self.gate = nn.Linear(2, n_experts)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(self, x):
        w = self.gate(x).softmax(-1)
        outs = torch.cat([e(x) for e in self.experts], dim=-1)
        return (w * outs).sum(-1)


class Trainer:
    def __init__(self, model, lr=0.01, batch=64):
        self.model, self.batch = model, batch
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def fit(self, x, y, epochs):
        for ep in range(epochs):
            total = 0.0
            for b in torch.randperm(len(x)).split(self.batch):
                self.opt.zero_grad(set_to_none=True)
                loss = (self.model(x[b]) - y[b]).square().mean()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(b)
            if ep % 10 == 0:
                print(f"epoch {ep}: mse {total / len(x):.4f}")


xtr, ytr = surface(2000)
xte, yte = surface(800)
moe = MoE()
Trainer(moe).fit(xtr, ytr, 50)
with torch.no_grad():
    r2 = 1 - (moe(xte) - yte).square().mean() / yte.var()
print(f"final_metric={r2.item():.4f}")
