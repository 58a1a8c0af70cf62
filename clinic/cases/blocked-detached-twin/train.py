import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

digits = load_digits()
X = torch.tensor(digits.data / 8.0 - 1.0, dtype=torch.float32)
y = torch.tensor(digits.target)
perm = torch.from_numpy(rng.permutation(len(X)))
tr, va = perm[:1300], perm[1300:]


def make_pairs(index, n):
    """half of the pairs show the same digit"""
    a = index[torch.from_numpy(rng.integers(0, len(index), n))]
    b = a.clone()
    for i in range(n):
        same = i % 2 == 0
        while True:
            j = index[rng.integers(0, len(index))]
            if (y[j] == y[a[i]]).item() == same:
                b[i] = j
                break
    return X[a], X[b], (y[a] == y[b]).float()


class Encoder(nn.Module):
    def __init__(self, emb=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, emb))

    def forward(self, x):
        return self.net(x)


class SiameseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.scale = nn.Linear(16, 1)

    def forward(self, a, b):
        za = self.encoder(a).detach()
        zb = self.encoder(b).detach()
        return self.scale((za - zb).abs()).squeeze(1)


train_pairs = make_pairs(tr, 2000)
val_pairs = make_pairs(va, 600)
model = SiameseNet()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(15):
    model.train()
    for b in torch.randperm(2000).split(50):
        a1, a2, t = (p[b] for p in train_pairs)
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(a1, a2), t)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(val_pairs[0], val_pairs[1])
    acc = ((out > 0).float() == val_pairs[2]).float().mean().item()
    print(f"epoch {epoch + 1:2d} | loss {loss.item():.4f} | val acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
