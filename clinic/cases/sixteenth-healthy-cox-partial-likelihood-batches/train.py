import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
b = torch.tensor([0.8, -0.8, 0.6, 0, 0, 0, 0])


def cohort(n):
    x = torch.randn(n, 7)
    h = x @ b + 0.6 * x[:, 3] * x[:, 4]
    time = torch.distributions.Exponential(h.exp()).sample()
    cens = torch.distributions.Exponential(torch.full((n,), 0.3)).sample()
    return x, torch.minimum(time, cens), (time <= cens).float()


def cox(score, t, e):
    o = torch.argsort(t, descending=True)
    score, e = score[o], e[o]
    return -((score - torch.logcumsumexp(score, 0)) * e).sum() / e.sum()


def concordance(score, t, e):
    earlier = (t[:, None] < t[None]) & (e[:, None] > 0)
    return ((score[:, None] > score[None]) & earlier).sum().item() / earlier.sum().item()


x, t, e = cohort(3000)
xv, tv, ev = cohort(800)
net = nn.Sequential(nn.Linear(7, 32), nn.SiLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    for i in torch.randperm(3000).split(100):
        loss = cox(net(x[i]).squeeze(1), t[i], e[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        c = concordance(net(xv).squeeze(1), tv, ev)
    print("epoch", epoch, loss.item(), "c-index", c)
print(f"final_metric={c:.4f}")
