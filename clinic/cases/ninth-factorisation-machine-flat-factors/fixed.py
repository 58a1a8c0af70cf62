import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class FactorizationMachine(nn.Module):
    def __init__(self, fields, k):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1))
        self.linear = nn.Embedding(sum(fields), 1)
        self.factors = nn.Embedding(sum(fields), k)
        nn.init.zeros_(self.linear.weight)
        nn.init.normal_(self.factors.weight, 0.0, 0.05)
        self.register_buffer("offset", torch.tensor([0] + fields[:-1]).cumsum(0))

    def forward(self, ids):
        ids = ids + self.offset
        v = self.factors(ids)
        pair = 0.5 * (v.sum(1).pow(2) - v.pow(2).sum(1)).sum(1)
        return self.bias + self.linear(ids).sum((1, 2)) + pair


fields = [30, 20, 12]
true = [torch.randn(f, 4) for f in fields]
ids = torch.stack([torch.randint(0, f, (6000,)) for f in fields], 1)
a, b, c = (t[ids[:, i]] for i, t in enumerate(true))
y = (a * b).sum(1) + (a * c).sum(1)
y = y / y.std() + 0.1 * torch.randn(6000)
n = 5000
model = FactorizationMachine(fields, 8)
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(20):
    se = 0.0
    for b in torch.randperm(n).split(100):
        loss = (model(ids[b]) - y[b]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        se += loss.item() * len(b)
    with torch.no_grad():
        r2 = 1 - (model(ids[n:]) - y[n:]).pow(2).mean() / y[n:].var()
    print(f"epoch {epoch:2d}  train mse {se / n:.4f}  test r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
