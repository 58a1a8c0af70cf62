import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
# discrete time-to-failure of pumps: probability mass between two inspections


def pumps(n):
    x = torch.randn(n, 6)
    scale = torch.exp(0.9 * x[:, 0] - 0.7 * x[:, 1] + 0.4 * x[:, 2] * x[:, 3])
    t = torch.distributions.Weibull(scale * 3, torch.full((n,), 1.5)).sample()
    return x, t


def survival(lam, t):
    return torch.exp(-(t / lam) ** 1.5)


x, t = pumps(3000)
xv, tv = pumps(1000)
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1), nn.Softplus(), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)


def nll(lam, t):
    lo = (t / 0.5).floor() * 0.5
    mass = survival(lam, lo) - survival(lam, lo + 0.5)
    return -torch.log(mass + 1e-6).mean()


for epoch in range(12):
    for i in torch.randperm(3000).split(60):
        loss = nll(net(x[i]) + 0.1, t[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        lam = net(xv) + 0.1
        print("epoch", epoch, "loss", loss.item(), "val", nll(lam, tv).item())
ra, rb = torch.argsort(torch.argsort(lam)).float(), torch.argsort(torch.argsort(tv)).float()
rho = torch.corrcoef(torch.stack([ra, rb]))[0, 1].item() if torch.isfinite(lam).all() else 0.0
print(f"final_metric={rho:.4f}")
