import os
import torch

gen = torch.Generator().manual_seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

# 12 tags, each present when one of 2 hidden "motifs" is strong
N, D, TAGS = 21000, 40, 12
X = torch.randn(N, D, generator=gen)
M = torch.randn(D, TAGS, generator=gen) / D ** .5
M2 = torch.randn(D, TAGS, generator=gen) / D ** .5
Y = (torch.maximum(X @ M, X @ M2) > 1.1).float()
Xtr, Ytr, Xte, Yte = X[:20000], Y[:20000], X[20000:], Y[20000:]


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Linear(D, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU())
        self.head = torch.nn.Linear(64, TAGS)

    def forward(self, x):
        return torch.sigmoid(self.head(self.body(x)))


tagger = Tagger()
crit = torch.nn.BCEWithLogitsLoss()
optim = torch.optim.RMSprop(tagger.parameters(), lr=1e-3)
for ep in range(1, 13):
    order = torch.randperm(20000, generator=gen)
    s = 0.
    for idx in order.split(100):
        l = crit(tagger(Xtr[idx]), Ytr[idx])
        optim.zero_grad(); l.backward(); optim.step()
        s += float(l)
    if ep % 3 == 0:
        print("ep", ep, "bce", round(s / 200, 4))

with torch.no_grad():
    z = tagger(Xte)
    z = z if z.min() >= 0 and z.max() <= 1 else torch.sigmoid(z)
    hit = (z > .5).float()
    f1 = (2 * (hit * Yte).sum() / (hit.sum() + Yte.sum())).item()
print(f"final_metric={f1:.4f}")
