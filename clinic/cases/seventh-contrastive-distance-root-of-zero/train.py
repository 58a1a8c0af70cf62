import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32)
y = torch.tensor(d.target)
X = (X - X.mean()) / X.std()
perm = torch.randperm(len(X))
tr, va = perm[:1300], perm[1300:]


def pairwise(z):
    sq = (z.unsqueeze(0) - z.unsqueeze(1)).pow(2).sum(-1)
    return torch.sqrt(sq)


def contrastive(z, labels, margin=2.0):
    dist = pairwise(z)
    same = (labels[:, None] == labels[None]).float()
    other = 1 - same
    pull = (same * dist.pow(2)).sum() / same.sum()
    push = (other * torch.clamp(margin - dist, min=0).pow(2)).sum() / other.sum()
    return pull + push


encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))
opt = torch.optim.Adam(encoder.parameters(), lr=1e-3, weight_decay=1e-4)


def nearest():
    with torch.no_grad():
        zt, zv = encoder(X[tr]), encoder(X[va])
        return (y[tr][torch.cdist(zv, zt).argmin(1)] == y[va]).float().mean().item()


for epoch in range(10):
    for idx in tr[torch.randperm(len(tr))].split(48):
        loss = contrastive(encoder(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.4f} 1-NN acc {nearest():.4f}")
print(f"final_metric={nearest():.4f}")
