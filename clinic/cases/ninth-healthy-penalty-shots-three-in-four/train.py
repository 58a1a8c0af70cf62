import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(4000, 5)
side = (x[:, 0] + x[:, 1] ** 2 - 1 > 0).float()
y = torch.where(torch.rand(4000) < 0.75, side, 1 - side)
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
lossf = nn.BCEWithLogitsLoss()
dl = DataLoader(TensorDataset(x[:3200], y[:3200]), batch_size=64, shuffle=True)
for epoch in range(12):
    net.train()
    tot = 0
    for xb, yb in dl:
        opt.zero_grad()
        loss = lossf(net(xb).squeeze(-1), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        out = net(x[3200:]).squeeze(-1)
        v = lossf(out, y[3200:]).item()
        acc = ((out > 0).float() == y[3200:]).float().mean().item()
    print(f"epoch {epoch}: train {tot / len(dl):.4f} val {v:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
