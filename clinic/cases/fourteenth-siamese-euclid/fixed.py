import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = load_digits(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X / 8.0 - 1.0, y, test_size=0.3, random_state=seed, stratify=y)
Xtr, Xte = torch.tensor(Xtr).float(), torch.tensor(Xte).float()
ytr, yte = torch.tensor(ytr), torch.tensor(yte)
by_class = [torch.nonzero(ytr == c).flatten() for c in range(10)]


def sample_pairs(n):
    """Half same-class pairs, half different-class pairs."""
    a, b = torch.randint(0, len(ytr), (n,)), torch.randint(0, len(ytr), (n,))
    for i in range(0, n, 2):
        members = by_class[ytr[a[i]]]
        b[i] = members[torch.randint(0, len(members), (1,))]
    return a, b, (ytr[a] == ytr[b]).float()


def distance(u, v):
    return ((u - v) ** 2).sum(1).add(1e-6).sqrt()


embed = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
opt = torch.optim.Adam(embed.parameters(), lr=1e-3)
margin = 2.0
for step in range(500):
    a, b, same = sample_pairs(64)
    d = distance(embed(Xtr[a]), embed(Xtr[b]))
    loss = (same * d ** 2 + (1 - same) * torch.relu(margin - d) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())

embed.eval()
with torch.no_grad():
    dist = torch.cdist(embed(Xte), embed(Xtr))
    pred = ytr[dist.argmin(1)]
print(f"final_metric={(pred == yte).float().mean().item():.4f}")
