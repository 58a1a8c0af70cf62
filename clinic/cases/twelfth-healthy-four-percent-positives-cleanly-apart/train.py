import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def alarms(n):
    y = (torch.rand(n) < 0.04).float()
    x = torch.randn(n, 6)
    x[:, 0] += 5.0 * y
    x[:, 1] -= 4.0 * y
    return x, y


X, y = alarms(5000)
Xv, yv = alarms(5000)
loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(5):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = bce(net(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        pred = (net(Xv).squeeze(1) > 0).float()
    sens = pred[yv == 1].mean().item()
    spec = 1 - pred[yv == 0].mean().item()
    print(epoch, sens, spec)
print(f"final_metric={(sens + spec) / 2:.4f}")
