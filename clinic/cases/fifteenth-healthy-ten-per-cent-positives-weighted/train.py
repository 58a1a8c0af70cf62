import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def loans(n):
    y = (torch.rand(n) < 0.1).float()
    x = torch.randn(n, 9)
    x[:, 0] += 1.8 * y
    x[:, 1] -= 1.4 * y
    x[:, 2] *= 1 + y
    return x, y


x, y = loans(6000)
xt, yt = loans(4000)
model = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(9.0))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    for b in torch.randperm(6000).split(100):
        loss = criterion(model(x[b]).squeeze(1), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        p = (model(xt).squeeze(1) > 0).float()
    rec = [(p[yt == c] == c).float().mean().item() for c in (0, 1)]
    print(epoch, round(loss.item(), 4), [round(r, 3) for r in rec])
print(f"final_metric={sum(rec) / 2:.4f}")
