import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get('SEED', 0))
torch.manual_seed(seed)

centres = torch.randn(20, 12) * 1.5


def sample(n):
    who = torch.randint(0, 20, (n,))
    return centres[who] + 0.5 * torch.randn(n, 12), who


pool, owner = sample(1500)
pool = (pool - pool.mean(0)) / pool.std(0)
tr_x, tr_o, va_x, va_o = pool[:1200], owner[:1200], pool[1200:], owner[1200:]


def pairs(x, o, n):
    i = torch.randint(0, len(x), (n,))
    j = torch.randint(0, len(x), (n,))
    same = torch.rand(n) < 0.5
    for k in torch.nonzero(same).flatten().tolist():
        mates = torch.nonzero(o == o[i[k]]).flatten()
        j[k] = mates[torch.randint(0, len(mates), (1,))]
    return x[i], x[j], (o[i] == o[j]).float()


embed = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))


def distance(a, b):
    return torch.sqrt(((embed(a) - embed(b)) ** 2).sum(1))


opt = torch.optim.Adam(embed.parameters(), lr=2e-3)
va, vb, vs = pairs(va_x, va_o, 800)
for it in range(1, 601):
    a, b, s = pairs(tr_x, tr_o, 64)
    d = distance(a, b)
    loss = (s * d ** 2 + (1 - s) * F.relu(2.0 - d) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        with torch.no_grad():
            acc = ((distance(va, vb) < 1.0) == (vs > 0.5)).float().mean().item()
        print(f'it {it} loss {loss.item():.4f} val pair acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
