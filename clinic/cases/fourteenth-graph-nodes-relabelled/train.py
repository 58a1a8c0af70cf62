import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

# stochastic block model with three communities and weak features
N, C, D = 600, 3, 12
community = torch.randint(0, C, (N,))
same = community[:, None] == community[None, :]
prob = torch.where(same, 0.06, 0.008)
upper = torch.triu((torch.rand(N, N) < prob).float(), 1)
adj = upper + upper.T + torch.eye(N)
features = torch.randn(N, D)
features[:, :C] += 1.0 * F.one_hot(community, C)

# group the nodes by degree for the storage format
order = adj.sum(1).argsort()
adj, features = adj[order][:, order], features[order]
perm = torch.randperm(N)
train_idx, test_idx = perm[:400], perm[400:]
labels_true = community[order]
labels = labels_true.clone()
labels[train_idx] = community[train_idx]

deg = adj.sum(1).rsqrt()
a_hat = deg[:, None] * adj * deg[None, :]


class GCN(nn.Module):
    def __init__(self, d_in, hidden, d_out):
        super().__init__()
        self.lin1 = nn.Linear(d_in, hidden)
        self.lin2 = nn.Linear(hidden, d_out)

    def forward(self, a, x):
        x = F.relu(a @ self.lin1(x))
        x = F.dropout(x, 0.3, self.training)
        return a @ self.lin2(x)


model = GCN(D, 16, C)
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(120):
    model.train()
    opt.zero_grad()
    loss = F.cross_entropy(model(a_hat, features)[train_idx], labels[train_idx])
    loss.backward()
    opt.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
model.eval()
with torch.no_grad():
    acc = (model(a_hat, features).argmax(1)[test_idx] == labels_true[test_idx]).float().mean().item()
print(f"final_metric={acc:.4f}")
