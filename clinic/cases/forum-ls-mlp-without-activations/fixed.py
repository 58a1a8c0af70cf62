import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_moons, make_circles
import numpy as np

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

class MLP(nn.Module):
    def __init__(self, in_dim, hidden_dim=64, num_layers=2, out_dim=3, dropout=0.1):
        super().__init__()
        self.layers = nn.ModuleList()
        d = in_dim
        for _ in range(num_layers):
            self.layers.append(nn.Linear(d, hidden_dim))
            d = hidden_dim
        self.dropout = nn.Dropout(dropout)
        self.seq = nn.Linear(d, out_dim)

    def forward(self, x):
        for layer in self.layers:
            x = self.dropout(F.relu(layer(x)))
        return self.seq(x)

def table(n, rs):
    r = np.random.RandomState(rs)
    X1, y1 = make_moons(n, noise=.15, random_state=rs)
    X2, y2 = make_circles(n, noise=.08, factor=.4, random_state=rs + 1)
    X = np.c_[X1[np.argsort(y1)], X2[np.argsort(y1, kind="stable")]]
    c1, c2 = np.sort(y1), y2[np.argsort(y1, kind="stable")]
    y = np.where(c2 == 1, 2, c1)
    X = np.c_[X, r.randn(n, 4)]
    return torch.tensor((X - X.mean(0)) / X.std(0)).float(), torch.tensor(y).long()

X, Y = table(2000, seed); XT, YT = table(800, seed + 100)
model = MLP(8)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for ep in range(12):
    model.train()
    stats = []
    for b in torch.randperm(2000).split(40):
        loss = F.cross_entropy(model(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        stats.append(loss.item())
    print("ep %2d loss %.4f" % (ep, sum(stats) / len(stats)))
model.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (model(XT).argmax(1) == YT).float().mean().item())
