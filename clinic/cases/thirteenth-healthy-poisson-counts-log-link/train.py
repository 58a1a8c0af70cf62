import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def visits(n):
    x = torch.randn(n, 8)
    rate = torch.exp(1.0 + 0.5 * x[:, 0] + 0.4 * torch.sin(2 * x[:, 1]) - 0.3 * x[:, 2])
    return x, torch.poisson(rate), rate


x, y, _ = visits(4000)
xv, yv, rv = visits(1000)
net = nn.Sequential(nn.Linear(8, 32), nn.Softplus(), nn.Linear(32, 32), nn.Softplus(), nn.Linear(32, 1))
loss_fn = nn.PoissonNLLLoss(log_input=True)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    log_rate = net(xv).squeeze(1)
r2 = 1 - (log_rate - rv.log()).square().mean() / rv.log().var()
print(f"final_metric={r2.item():.4f}")
