import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def flows(n, share=0.02):
    y = (torch.rand(n) < share).float()
    x = torch.randn(n, 10)
    x[:, 0] += 1.3 * y
    x[:, 3] -= 1.0 * y
    x[:, 5] += 0.9 * y * x[:, 6].sign()
    return x, y


def recall_pair(net, x, y):
    with torch.no_grad():
        alarm = net(x).squeeze(1) > 0
    return alarm[y == 1].float().mean().item(), (~alarm)[y == 0].float().mean().item()


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = flows(8000)
xv, yv = flows(8000)
net = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 1))
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loader = DataLoader(TensorDataset(x, y), batch_size=100, shuffle=True)
for epoch in range(8):
    tot = 0
    for xb, yb in loader:
        opt.zero_grad()
        loss = criterion(net(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    tpr, tnr = recall_pair(net, xv, yv)
    print(f"epoch {epoch} loss {tot / len(loader):.4f} attacks found {tpr:.3f} normal passed {tnr:.3f}")
print(f"final_metric={(tpr + tnr) / 2:.4f}")
