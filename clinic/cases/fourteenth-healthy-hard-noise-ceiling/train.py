import os
from dataclasses import dataclass
import torch
from torch import nn


@dataclass
class Config:
    lr: float = 3e-3
    batch_size: int = 128
    epochs: int = 6
    seed: int = int(os.environ.get("SEED", 0))


cfg = Config()
torch.manual_seed(cfg.seed)
w = torch.randn(10, 2) / 10 ** 0.5


def clicks(n):
    x = torch.randn(n, 10)
    h = x @ w
    p = torch.sigmoid(1.5 * torch.tanh(2 * h[:, 0]) + h[:, 1])
    return x, torch.bernoulli(p), p


x, y, _ = clicks(8000)
xt, yt, pt = clicks(4000)
model = nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
for epoch in range(cfg.epochs):
    model.train()
    for idx in torch.randperm(len(x)).split(cfg.batch_size):
        opt.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[idx]).squeeze(1), y[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xt).squeeze(1)
        val = nn.functional.binary_cross_entropy_with_logits(out, yt).item()
    print(epoch, loss.item(), val)
r2 = 1 - ((out.sigmoid() - pt) ** 2).mean() / pt.var()
print(f"final_metric={r2.item():.4f}")
