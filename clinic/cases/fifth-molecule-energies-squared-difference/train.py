import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get('SEED', 0)))
ATOMS, KINDS = 9, 4

def molecules(n):
    """random graphs: kind per atom, symmetric bonds, energy from kinds and bonds"""
    kind = torch.randint(0, KINDS, (n, ATOMS))
    a = (torch.rand(n, ATOMS, ATOMS) < 0.25).float().triu(1)
    a = a + a.transpose(1, 2)
    charge = torch.tensor([-1.0, 0.3, 0.7, 1.2])[kind]
    pair = (charge[:, :, None] * charge[:, None, :] * a).sum((1, 2)) / 2
    energy = pair + 0.6 * torch.sin(2 * charge).sum(1) + 0.1 * a.sum((1, 2)) + 0.1 * torch.randn(n)
    return F.one_hot(kind, KINDS).float(), a, energy

class MessagePass(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.own, self.nbr, self.norm = nn.Linear(d, d), nn.Linear(d, d), nn.LayerNorm(d)

    def forward(self, h, a):
        return h + F.relu(self.norm(self.own(h) + a @ self.nbr(h)))

class EnergyNet(nn.Module):
    def __init__(self, d=40, rounds=3):
        super().__init__()
        self.inp = nn.Linear(KINDS, d)
        self.rounds = nn.ModuleList(MessagePass(d) for _ in range(rounds))
        self.out = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1))

    def forward(self, x, a):
        h = self.inp(x)
        for r in self.rounds:
            h = r(h, a)
        return self.out(h.mean(1))

x, a, e = molecules(3600)
mu, sd = e[:3000].mean(), e[:3000].std()
e = (e - mu) / sd
train = slice(0, 3000)
val = slice(3000, 3600)

model = EnergyNet()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 14)
for epoch in range(14):
    model.train()
    for i in torch.randperm(3000).split(50):
        pred = model(x[train][i], a[train][i])
        loss = ((pred - e[train][i]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        pred = model(x[val], a[val])
        vl = ((pred - e[val]) ** 2).mean()
    print('epoch', epoch, 'loss %.4f' % loss.item(), 'val %.4f' % vl.item())

with torch.no_grad():
    p = model(x[val], a[val]).reshape(-1)
r2 = 1 - ((p - e[val]) ** 2).sum() / ((e[val] - e[val].mean()) ** 2).sum()
print('final_metric=%.4f' % r2.item())
