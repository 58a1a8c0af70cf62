import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6
y = torch.tensor(d.target)
p = torch.randperm(len(X))
X, y = X[p], y[p]
xt, yt, xv, yv = X[:1300], y[:1300], X[1300:], y[1300:]
by_class = [torch.nonzero(yt == c).flatten() for c in range(10)]


def triplets(n):
    a = torch.randint(0, len(xt), (n,))
    pos = torch.stack([by_class[c][torch.randint(len(by_class[c]), ())] for c in yt[a]])
    neg = torch.randint(0, len(xt), (n,))
    same = yt[neg] == yt[a]
    while same.any():
        neg[same] = torch.randint(0, len(xt), (int(same.sum()),))
        same = yt[neg] == yt[a]
    return xt[a], xt[pos], xt[neg]


net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 12))
crit = nn.TripletMarginLoss(margin=1.0)
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
for step in range(1, 501):
    a, b, c = triplets(48)
    loss = crit(net(a), net(b), net(c))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        with torch.no_grad():
            acc = (yt[torch.cdist(net(xv), net(xt)).argmin(1)] == yv).float().mean().item()
        print(f"step {step} loss {loss.item():.4f} 1-NN {acc:.4f}")
print(f"final_metric={acc:.4f}")
