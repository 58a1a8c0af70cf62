import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
USERS, FILMS, K = 150, 100, 3
u_true, f_true = torch.randn(USERS, K) * 0.7, torch.randn(FILMS, K) * 0.7
ub, fb = 0.4 * torch.randn(USERS), 0.4 * torch.randn(FILMS)
popularity = 1 / torch.arange(1, FILMS + 1).float().pow(0.5)
n = 12000
u = torch.randint(0, USERS, (n,))
f = torch.multinomial(popularity, n, replacement=True)
rating = 3.5 + ub[u] + fb[f] + (u_true[u] * f_true[f]).sum(1) + 0.2 * torch.randn(n)
mean, std = rating[:10000].mean(), rating[:10000].std()
rating = (rating - mean) / std


class MF(nn.Module):
    def __init__(self):
        super().__init__()
        self.u, self.f = nn.Embedding(USERS, K), nn.Embedding(FILMS, K)
        self.ub, self.fb = nn.Embedding(USERS, 1), nn.Embedding(FILMS, 1)
        for e in (self.u, self.f):
            nn.init.normal_(e.weight, std=0.3)
        for e in (self.ub, self.fb):
            nn.init.zeros_(e.weight)

    def forward(self, u, f):
        return (self.u(u) * self.f(f)).sum(1) + self.ub(u).squeeze(1) + self.fb(f).squeeze(1)


model = MF()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
loader = DataLoader(TensorDataset(u[:10000], f[:10000], rating[:10000]), batch_size=100, shuffle=True)
for epoch in range(10):
    for a, b, r in loader:
        loss = nn.functional.mse_loss(model(a, b), r)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(u[10000:], f[10000:]), rating[10000:]).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / rating[10000:].var().item():.4f}")
