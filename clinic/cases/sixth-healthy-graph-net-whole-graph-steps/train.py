import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get('SEED', 0)))

N, C, D = 600, 4, 24
y = torch.randint(0, C, (N,))
same = y[:, None] == y[None, :]
adj = (torch.rand(N, N) < torch.where(same, 0.03, 0.006)).float().triu(1)
adj = adj + adj.T + torch.eye(N)
deg = adj.sum(1)
a_hat = adj / (deg[:, None] * deg[None, :]).sqrt()
x = torch.randn(C, D)[y] * 0.7 + torch.randn(N, D)
x = (x - x.mean(0)) / x.std(0)
perm = torch.randperm(N)
train, val = perm[:360], perm[360:]


class GCN(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.w1 = nn.Linear(D, hidden)
        self.w2 = nn.Linear(hidden, C)

    def forward(self):
        h = F.relu(a_hat @ self.w1(x))
        h = F.dropout(h, 0.3, self.training)
        return a_hat @ self.w2(h)


model = GCN()
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(120):
    model.train()
    loss = F.cross_entropy(model()[train], y[train])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 10 == 9:
        model.eval()
        with torch.no_grad():
            out = model()
        acc = (out[val].argmax(1) == y[val]).float().mean().item()
        print(f'epoch {epoch + 1} train {loss.item():.4f} val {F.cross_entropy(out[val], y[val]).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
