import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.randn(6000, 8)
s = X[:, 0] + X[:, 1] - 0.7 * X[:, 2] ** 2 + 0.25 * torch.randn(6000)
y = (s > torch.quantile(s, 0.94)).float()
tr, va = slice(0, 4800), slice(4800, 6000)
pos_weight = (y[tr] == 0).sum() / (y[tr] == 1).sum()
crit = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
for epoch in range(10):
    for xb, yb in DataLoader(TensorDataset(X[tr], y[tr]), batch_size=100, shuffle=True):
        opt.zero_grad()
        loss = crit(net(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        z = net(X[va])
    hit = [((z > 0).float()[y[va] == c] == c).float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {loss.item():.4f} val {crit(z, y[va]).item():.4f} recalls {hit}")
print(f"final_metric={sum(hit) / 2:.4f}")
