import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor(X / 8 - 1).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
tr, te = perm[:1300], perm[1300:]
groups = [tr[y[tr] == c] for c in range(10)]


def triplets(n):
    c = torch.randint(0, 10, (n,))
    d = (c + torch.randint(1, 10, (n,))) % 10
    pick = lambda k: torch.stack([groups[i][torch.randint(0, len(groups[i]), (1,))][0] for i in k.tolist()])
    return X[pick(c)], X[pick(c)], X[pick(d)]


embed = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
criterion = nn.TripletMarginLoss(margin=1.0)
opt = torch.optim.Adam(embed.parameters(), lr=1e-3)
for step in range(250):
    a, p, n = triplets(64)
    loss = criterion(embed(a), embed(p), embed(n))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
embed.eval()
with torch.no_grad():
    e = embed(X)
    acc = (y[tr][torch.cdist(e[te], e[tr]).argmin(1)] == y[te]).float().mean().item()
print(f"final_metric={acc:.4f}")
