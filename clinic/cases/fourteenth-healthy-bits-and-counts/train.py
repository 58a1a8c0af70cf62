import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
rules = torch.randint(0, 24, (10, 3))
values = torch.randn(10)


def fingerprints(n):
    x = (torch.rand(n, 24) < 0.4).float()
    hit = x[:, rules].prod(2)
    y = hit @ values + 0.3 * x[:, :6].sum(1) - 0.7
    return x, y.unsqueeze(1)


loader = DataLoader(TensorDataset(*fingerprints(5000)), batch_size=64, shuffle=True)
xv, yv = fingerprints(1500)
model = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(14):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(model(xv), yv) / yv.var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={r2:.4f}")
