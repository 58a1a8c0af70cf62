import os
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
n, k = 500, 5
group = torch.randint(k, (n,))
edge = torch.rand(n, n) < torch.where(group[:, None] == group[None], 0.05, 0.005)
adj = (edge | edge.T).float().fill_diagonal_(1.0)
adj = adj / adj.sum(1, keepdim=True)
x = F.one_hot(group, k).float() @ torch.randn(k, 20) + 1.0 * torch.randn(n, 20)
x = (x - x.mean(0)) / x.std(0)
perm = torch.randperm(n)
train_mask = torch.zeros(n, dtype=torch.bool)
train_mask[perm[:300]] = True


class SAGE(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.own1, self.near1 = nn.Linear(20, hidden), nn.Linear(20, hidden, bias=False)
        self.own2, self.near2 = nn.Linear(hidden, k), nn.Linear(hidden, k, bias=False)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        h = self.drop(F.relu(self.own1(x) + self.near1(adj @ x)))
        return self.own2(h) + self.near2(adj @ h)


net = SAGE()
opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(80):
    net.train()
    opt.zero_grad()
    loss = F.cross_entropy(net(x)[train_mask], group[train_mask])
    loss.backward()
    opt.step()
    net.eval()
    with torch.no_grad():
        out = net(x)[~train_mask]
        val = F.cross_entropy(out, group[~train_mask])
    if epoch % 10 == 0:
        print(f"epoch {epoch} train {loss.item():.3f} val {val.item():.3f}")
print(f"final_metric={(out.argmax(1) == group[~train_mask]).float().mean().item():.4f}")
