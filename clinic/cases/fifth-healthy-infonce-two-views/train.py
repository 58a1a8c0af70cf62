import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get('SEED', 0)))
mix = torch.randn(5, 40) / 1.5

def objects(n):
    y = torch.randint(0, 5, (n,))
    return y, mix[y] + .5 * torch.randn(n, 40)

def view(x):
    return (x + .3 * torch.randn_like(x)) * (torch.rand_like(x) > .2)

enc = nn.Sequential(nn.Linear(40, 96), nn.ReLU(), nn.Linear(96, 32))
proj = nn.Sequential(nn.ReLU(), nn.Linear(32, 16))
opt = torch.optim.Adam([*enc.parameters(), *proj.parameters()], lr=1e-3)
_, x = objects(4000)
for epoch in range(8):
    tot = 0.
    for b in torch.randperm(4000).split(128):
        z = F.normalize(torch.cat([proj(enc(view(x[b]))), proj(enc(view(x[b])))]), dim=1)
        n = len(b)
        sim = (z @ z.T / .2).masked_fill(torch.eye(2 * n, dtype=torch.bool), -1e9)
        target = torch.cat([torch.arange(n) + n, torch.arange(n)])
        loss = F.cross_entropy(sim, target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * n / 4000
    print(f'epoch {epoch} nce {tot:.4f}')

# linear probe
enc.eval()
yl, xl = objects(1000)
yt, xt = objects(1000)
with torch.no_grad():
    fl, ft = enc(xl), enc(xt)
    m, s = fl.mean(0), fl.std(0)
    fl, ft = (fl - m) / s, (ft - m) / s
probe = nn.Linear(32, 5)
popt = torch.optim.Adam(probe.parameters(), lr=1e-2)
for _ in range(8):
    for b in torch.randperm(1000).split(50):
        l = F.cross_entropy(probe(fl[b]), yl[b])
        popt.zero_grad()
        l.backward()
        popt.step()
with torch.no_grad():
    acc = (probe(ft).argmax(1) == yt).float().mean().item()
print(f'final_metric={acc:.4f}')
