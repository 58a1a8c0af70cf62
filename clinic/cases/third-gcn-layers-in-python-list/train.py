import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

S = int(os.environ.get("SEED", 0))
torch.manual_seed(S); rng = np.random.RandomState(S)

# stochastic block model: 4 communities, weak features
n, k = 600, 4
lab = rng.randint(0, k, n)
P = np.where(lab[:, None] == lab[None, :], .04, .006)
A = (rng.rand(n, n) < P).astype(np.float32); A = np.triu(A, 1); A = A + A.T + np.eye(n, dtype=np.float32)
dinv = A.sum(1) ** -.5
A = torch.tensor(A * dinv[:, None] * dinv[None, :])
X = torch.tensor((rng.randn(n, 16) + .5 * np.eye(k, 16)[lab] * 2).astype(np.float32))
y = torch.tensor(lab)
m = torch.rand(n) < .6


class GraphConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.lin = nn.Linear(i, o, bias=False)
        nn.init.normal_(self.lin.weight, std=.12)
    def forward(self, A, h):
        return A @ self.lin(h)


class GCN(nn.Module):
    def __init__(self, sizes=(16, 12, 12)):
        super().__init__()
        self.convs = [GraphConv(i, o) for i, o in zip(sizes[:-1], sizes[1:])]
        self.out = nn.Linear(sizes[-1], k)
    def forward(self, A, h):
        for c in self.convs:
            h = F.relu(c(A, h))
        return self.out(h)


gcn = GCN()
opt = torch.optim.Adam(gcn.parameters(), lr=.01, weight_decay=5e-4)
for ep in range(100):
    opt.zero_grad()
    out = gcn(A, X)
    loss = F.cross_entropy(out[m], y[m])
    loss.backward(); opt.step()
    if ep % 20 == 0:
        print("Epoch", ep, "loss %.3f" % loss, "test acc %.3f" % (out[~m].argmax(1) == y[~m]).float().mean())
with torch.no_grad():
    print("final_metric=%.4f" % (gcn(A, X)[~m].argmax(1) == y[~m]).float().mean())
