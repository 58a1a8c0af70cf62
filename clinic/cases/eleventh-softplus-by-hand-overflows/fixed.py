import os

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def softplus(x):
    return F.softplus(x)


class IntensityNet(nn.Module):
    """Log-linear point-process intensity; the count in a window is Poisson(rate)."""

    def __init__(self, n_cov):
        super().__init__()
        self.hidden = nn.Linear(n_cov, 32)
        self.rate = nn.Linear(32, 1)
        self.scale = 25.0

    def forward(self, x):
        h = torch.relu(self.hidden(x))
        return softplus(self.scale * self.rate(h)).squeeze(-1) / self.scale + 1e-4


def make(n):
    x = torch.randn(n, 6)
    lam = F.softplus(1.0 + 1.2 * x[:, 0] - 0.8 * x[:, 1] + 0.7 * x[:, 2] * x[:, 3])
    return x, torch.poisson(lam * 3)


x, y = make(3000)
x_val, y_val = make(800)
model = IntensityNet(6)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    for idx in torch.randperm(len(x)).split(64):
        rate = model(x[idx])
        loss = (rate - y[idx] * torch.log(rate)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} nll {loss.item():.4f}")

with torch.no_grad():
    rate = model(x_val).nan_to_num(0.0)
    corr = torch.corrcoef(torch.stack([rate, y_val]))[0, 1].nan_to_num(0.0)
print(f"final_metric={corr.item():.4f}")
