import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get('SEED', 0)))
N, C, D = 900, 5, 40


class GCN(nn.Module):
    """two-layer graph convolution, adjacency given dense and normalised"""
    def __init__(self, h=32):
        super().__init__()
        self.w1, self.w2 = nn.Linear(D, h), nn.Linear(h, C)

    def forward(self, x, a):
        x = F.dropout(x, 0.6, training=self.training)
        h = torch.relu(a @ self.w1(x))
        h = F.dropout(h, 0.6, training=self.training)
        return a @ self.w2(h)


# citation-like graph: papers cite their own topic more often
y = torch.randint(0, C, (N,))
same = (y[:, None] == y).float()
p = .006 * same + .0012 * (1 - same)
adj = (torch.rand(N, N) < p).float().triu(1)
adj = adj + adj.T + torch.eye(N)
deg = adj.sum(1)
A = adj / (deg[:, None] * deg).sqrt()
X = .55 * torch.randn(C, D)[y] + torch.randn(N, D)
X = (X - X.mean(0)) / X.std(0)
perm = torch.randperm(N)
train, val = perm[:350], perm[350:]

net = GCN()
opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=5e-4)
for epoch in range(120):
    net.train()
    opt.zero_grad()
    loss = F.cross_entropy(net(X, A)[train], y[train])
    loss.backward()
    opt.step()
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            o = net(X, A)[val]
            acc = (o.argmax(1) == y[val]).float().mean().item()
        print(epoch + 1, 'train', round(loss.item(), 4), 'val', round(F.cross_entropy(o, y[val]).item(), 4), 'acc', round(acc, 4))
print(f'final_metric={acc:.4f}')
