import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (torch.tensor(d.data).float() - 4.88) / 6.02
y = torch.tensor(d.target)
p = torch.randperm(len(X))
X, y = X[p], y[p]
N = 1400


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 16))

    def forward(self, a, b):
        return self.net(a), self.net(b)


def pairs(n):
    i = torch.randint(0, N, (n,))
    same = torch.rand(n) < 0.4
    partner = torch.multinomial(same_class[y[i]], 1).squeeze(1)
    j = torch.where(same, partner, torch.randint(0, N, (n,)))
    return i, j, (y[i] == y[j]).float()


same_class = torch.stack([(y[:N] == c).float() for c in range(10)])
model = Siamese()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
MARGIN = 4.0
for step in range(500):
    i, j, same = pairs(96)
    ea, eb = model(X[i], X[j])
    dist = (ea - eb).pow(2).sum(1).add(1e-8).sqrt()
    loss = (same * dist ** 2 + (1 - same) * (MARGIN - dist).clamp(min=0) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    e = model.net(X)
    nn_idx = torch.cdist(e[N:], e[:N]).argmin(1)
    acc = (y[:N][nn_idx] == y[N:]).float().mean().item()
print(f"final_metric={acc:.4f}")
