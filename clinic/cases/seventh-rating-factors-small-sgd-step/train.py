import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(SEED)
torch.manual_seed(SEED)
n_users, n_items, rank = 150, 100, 4
U, V = rng.normal(size=(n_users, rank)), rng.normal(size=(n_items, rank))
users, items = np.divmod(rng.permutation(n_users * n_items)[:10000], n_items)
ratings = 3.2 + 0.6 * (U[users] * V[items]).sum(1) / np.sqrt(rank) * 1.6 + 0.15 * rng.normal(size=10000)
users, items = torch.tensor(users), torch.tensor(items)
ratings = torch.tensor(ratings, dtype=torch.float32)
mu = ratings[:8500].mean()


class MF(nn.Module):
    def __init__(self, k=6):
        super().__init__()
        self.P, self.Q = nn.Embedding(n_users, k), nn.Embedding(n_items, k)
        self.bu, self.bi = nn.Embedding(n_users, 1), nn.Embedding(n_items, 1)
        for e in (self.P, self.Q):
            nn.init.normal_(e.weight, std=0.3)
        for e in (self.bu, self.bi):
            nn.init.zeros_(e.weight)

    def forward(self, u, i):
        return (self.P(u) * self.Q(i)).sum(1) + self.bu(u).squeeze(1) + self.bi(i).squeeze(1)


mf = MF()
opt = torch.optim.SGD(mf.parameters(), lr=0.005)
tr = torch.arange(8500)
va = torch.arange(8500, 10000)
for epoch in range(20):
    for b in tr[torch.randperm(8500)].split(128):
        err = mf(users[b], items[b]) - (ratings[b] - mu)
        loss = err.pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        mse = (mf(users[va], items[va]) - (ratings[va] - mu)).pow(2).mean()
    print(f"epoch {epoch:2d} train mse {loss.item():.3f} val mse {mse.item():.3f}")
print(f"final_metric={(1 - mse / ratings[va].var()).item():.4f}")
