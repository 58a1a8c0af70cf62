import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
LEVELS = torch.tensor([0.1, 0.5, 0.9])


def demand(n):
    x = torch.rand(n, 2) * 2 - 1
    return x, torch.sin(3 * x[:, :1]) + (0.2 + 0.3 * (x[:, 1:] + 1)) * torch.randn(n, 1)


def pinball(q, y):
    d = y - q
    return torch.maximum(LEVELS * d, (LEVELS - 1) * d).mean()


x, y = demand(3000)
xt, yt = demand(2000)
model = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 3))
opt = torch.optim.NAdam(model.parameters(), lr=3e-3)
for epoch in range(15):
    for idx in torch.randperm(3000).split(60):
        loss = pinball(model(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        print(f"epoch {epoch} pinball {loss.item():.4f}")
with torch.no_grad():
    plain = pinball(torch.quantile(y, LEVELS).expand(2000, 3), yt)
    print(f"final_metric={1 - (pinball(model(xt), yt) / plain).item():.4f}")
