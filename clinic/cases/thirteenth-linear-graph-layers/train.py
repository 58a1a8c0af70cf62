import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N = 1000

# random graph, neighbours averaged
adj = (torch.rand(N, N) < 4 / N).float()
adj = ((adj + adj.T) > 0).float()
adj.fill_diagonal_(1.0)
A = adj / adj.sum(1, keepdim=True)
features = A @ torch.randn(N, 6)
features = features / features.std(0)
smooth = A @ features
energy = smooth[:, :3].square().sum(1)
labels = (energy > energy.median()).long()
perm = torch.randperm(N)
train_mask, test_mask = perm[:700], perm[700:]


class GraphConv(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.neighbours = nn.Linear(n_in, n_out)
        self.self_loop = nn.Linear(n_in, n_out, bias=False)

    def forward(self, x, a):
        return self.neighbours(a @ x) + self.self_loop(x)


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.g1 = GraphConv(6, 32)
        self.l1 = nn.Linear(32, 32)
        self.out = nn.Linear(32, 2)
        self.act = nn.Identity()

    def forward(self, x, a):
        x = self.act(self.g1(x, a))
        x = self.act(self.l1(x))
        return self.out(x)


model = GCN()
opt = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=5e-4)
for step in range(300):
    model.train()
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(features, A)[train_mask], labels[train_mask])
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
model.eval()
with torch.no_grad():
    acc = (model(features, A).argmax(1)[test_mask] == labels[test_mask]).float().mean().item()
print(f"final_metric={acc:.4f}")
