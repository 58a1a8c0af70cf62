import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 3000
lab = rng.normal(size=(n, 9))
risk = 1.4 * lab[:, 0] - 1.2 * lab[:, 1] + lab[:, 2] * lab[:, 3] + 0.8 * lab[:, 4]
ward = (risk + 0.4 * rng.logistic(size=n) > 0).astype("float32")
missing = rng.random((n, 9)) < 0.04
lab[missing] = -9999.0


def clean(table, stats=None):
    table = np.where(table == -9999.0, np.nan, table)
    if stats is None:
        stats = np.nanmean(table, 0), np.nanstd(table, 0)
    table = (table - stats[0]) / stats[1]
    return torch.tensor(np.nan_to_num(table), dtype=torch.float32), stats


x, stats = clean(lab[:2400])
xv, _ = clean(lab[2400:], stats)
y, yv = torch.tensor(ward[:2400]), torch.tensor(ward[2400:])
net = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(12):
    net.train()
    for idx in torch.randperm(2400).split(40):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[idx]).squeeze(1), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = ((net(xv).squeeze(1) > 0).float() == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
