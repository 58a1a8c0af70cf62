"""Matching score between a query and an item description (both dense vectors)."""
import os
import random
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)

DQ, DI, RANK = 12, 16, 8


class BilinearScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.zeros(DQ, RANK))
        self.right = nn.Parameter(torch.zeros(DI, RANK))
        self.bias_q = nn.Linear(DQ, 1)
        self.bias_i = nn.Linear(DI, 1)

    def forward(self, q, i):
        inter = ((q @ self.left) * (i @ self.right)).sum(-1)
        return inter + self.bias_q(q).squeeze(-1) + self.bias_i(i).squeeze(-1)


M = torch.randn(DQ, 3) @ torch.randn(3, DI) / 4


def sample(n):
    q, i = torch.randn(n, DQ), torch.randn(n, DI)
    s = torch.einsum("nd,de,ne->n", q, M, i)
    return q, i, (s + 0.3 * torch.randn(n) > 0).float()


train, val = sample(3000), sample(800)
model = BilinearScorer()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
crit = nn.BCEWithLogitsLoss()
for step in range(1000):
    pick = torch.randint(0, 3000, (64,))
    loss = crit(model(train[0][pick], train[1][pick]), train[2][pick])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if (step + 1) % 200 == 0:
        print(f"step {step + 1}: loss={loss.item():.4f}")
with torch.no_grad():
    acc = ((model(val[0], val[1]) > 0).float() == val[2]).float().mean()
print(f"final_metric={acc.item():.4f}")
