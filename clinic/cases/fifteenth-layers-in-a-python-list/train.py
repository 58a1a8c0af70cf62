"""Hand-made GNN: which community does a node belong to? (stochastic block model)"""
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def graph(n=160, k=4):
    c = torch.arange(n) % k
    p = torch.where(c[:, None] == c[None], 0.28, 0.05)
    a = torch.triu((torch.rand(n, n) < p).float(), 1)
    a = a + a.T + torch.eye(n)
    d = a.sum(1).rsqrt()
    x = nn.functional.one_hot(c, k).float() * 0.8 + torch.randn(n, k)
    return d[:, None] * a * d[None], torch.cat([x, torch.randn(n, 12)], 1), c


class GCNLayer(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.lin = nn.Linear(i, o)

    def forward(self, a, h):
        return torch.relu(self.lin(a @ h))


class GCN(nn.Module):
    def __init__(self, sizes=(16, 8, 8), classes=4):
        super().__init__()
        self.layers = [GCNLayer(i, o) for i, o in zip(sizes, sizes[1:])]
        self.readout = nn.Linear(sizes[-1], classes)

    def forward(self, a, x):
        for layer in self.layers:
            x = layer(a, x)
        return self.readout(x)


train_graphs = [graph() for _ in range(60)]
test_graphs = [graph() for _ in range(10)]
net = GCN()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    for k in torch.randperm(60).tolist():
        a, x, c = train_graphs[k]
        loss = nn.functional.cross_entropy(net(a, x), c)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = torch.stack([(net(a, x).argmax(1) == c).float().mean() for a, x, c in test_graphs]).mean()
print(f"final_metric={acc.item():.4f}")
