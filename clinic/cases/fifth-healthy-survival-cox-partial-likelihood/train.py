import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


def patients(n):
    x = torch.randn(n, 10)
    risk = .9 * x[:, 0] - .7 * torch.relu(x[:, 1]) + .6 * x[:, 2] * x[:, 3]
    t = -torch.log(torch.rand(n)) * torch.exp(-risk)
    c = -torch.log(torch.rand(n)) * 2
    return x, torch.minimum(t, c), (t <= c).float()


def cox(h, time, event):
    order = time.argsort(descending=True)
    h, event = h[order], event[order]
    return -((h - torch.logcumsumexp(h, 0)) * event).sum() / event.sum().clamp_min(1)


def concordance(h, t, e):
    pair = (t[:, None] < t) & (e[:, None] == 1)
    return (h[:, None] > h)[pair].float().mean().item()


x, t, e = patients(5000)
xv, tv, ev = patients(1000)
net = nn.Sequential(nn.Linear(10, 32), nn.SELU(), nn.Linear(32, 32), nn.SELU(), nn.Linear(32, 1, bias=False))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    net.train()
    for b in torch.randperm(5000).split(100):
        loss = cox(net(x[b])[:, 0], t[b], e[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        c = concordance(net(xv)[:, 0], tv, ev)
    print(f'epoch {epoch} loss {loss.item():.4f} concordance {c:.4f}')
print(f'final_metric={c:.4f}')
