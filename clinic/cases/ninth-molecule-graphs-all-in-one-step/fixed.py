import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
NODES, ATOMS = 8, 5


def molecules(n):
    kind = torch.randint(0, ATOMS, (n, NODES))
    adj = (torch.rand(n, NODES, NODES) < 0.3).float().triu(1)
    adj = adj + adj.transpose(1, 2)
    charge = torch.tensor([-1.0, 0.5, 0.0, 1.0, -0.5])[kind]
    energy = torch.einsum("ni,nij,nj->n", charge, adj, charge) + 0.5 * charge.pow(2).sum(1)
    return F.one_hot(kind, ATOMS).float(), adj, (energy - 1.9) / 2.2


class GraphNet(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed = nn.Linear(ATOMS, d)
        self.msg = nn.ModuleList(nn.Linear(d, d) for _ in range(2))
        self.upd = nn.ModuleList(nn.Linear(2 * d, d) for _ in range(2))
        self.out = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1))

    def forward(self, x, adj):
        h = self.embed(x)
        for m, u in zip(self.msg, self.upd):
            h = h + F.relu(u(torch.cat([h, adj @ m(h) / 2.0], -1)))
        return self.out(h.mean(1)).squeeze(-1)


class Config:
    batch_size = 32
    epochs = 12
    lr = 2e-3


x, a, y = molecules(2000)
xv, av, yv = molecules(400)
model = GraphNet()
opt = torch.optim.Adam(model.parameters(), lr=Config.lr)
for epoch in range(Config.epochs):
    for b in torch.randperm(len(x)).split(Config.batch_size):
        loss = F.mse_loss(model(x[b], a[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - F.mse_loss(model(xv, av), yv) / yv.var()
    print(f"epoch {epoch + 1:2d} train {loss.item():.4f} val r2 {r2.item():.4f}")
print(f"final_metric={r2.item():.4f}")
