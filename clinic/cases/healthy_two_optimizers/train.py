import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
USERS, ITEMS, F = 80, 60, 4
true_u, true_i = torch.randn(USERS, F), torch.randn(ITEMS, F)
pairs = torch.cartesian_prod(torch.arange(USERS), torch.arange(ITEMS))
pairs = pairs[torch.randperm(len(pairs))]
rating = (true_u[pairs[:, 0]] * true_i[pairs[:, 1]]).sum(1) / 2 + 0.1 * torch.randn(len(pairs))
train, test = slice(0, 3600), slice(3600, None)


class Recommender(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.user = nn.Embedding(USERS, k, sparse=True)
        self.item = nn.Embedding(ITEMS, k, sparse=True)
        nn.init.normal_(self.user.weight, std=0.3)
        nn.init.normal_(self.item.weight, std=0.3)
        self.mlp = nn.Sequential(nn.Linear(2 * k, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, p):
        u, i = self.user(p[:, 0]), self.item(p[:, 1])
        return (u * i).sum(1) + self.mlp(torch.cat([u, i], 1)).squeeze(1)


net = Recommender()
opt_sparse = torch.optim.SparseAdam([net.user.weight, net.item.weight], lr=0.02)
opt_dense = torch.optim.AdamW(net.mlp.parameters(), lr=1e-3)
for epoch in range(10):
    for b in torch.randperm(3600).split(60):
        loss = nn.functional.mse_loss(net(pairs[train][b]), rating[train][b])
        opt_sparse.zero_grad()
        opt_dense.zero_grad()
        loss.backward()
        opt_sparse.step()
        opt_dense.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(pairs[test]), rating[test]) / rating[test].var()
print(f"final_metric={r2.item():.4f}")
