import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(6)


def demand(n):
    x = torch.randn(n, 6)
    signal = torch.tanh(x @ w / 2) + 0.3 * x[:, 0] * x[:, 1]
    return x, signal[:, None]


x, clean = demand(2500)
y = clean + 1.2 * torch.randn_like(clean)
xt, yt = demand(800)
loader = DataLoader(TensorDataset(x, y), batch_size=1, shuffle=True)
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.03)
epochs = 3
for epoch in range(epochs):
    mean = 0.0
    for xb, yb in loader:
        loss = (net(xb) - yb).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        mean += loss.item() / len(loader)
    print("epoch", epoch, "loss", mean)
with torch.no_grad():
    r2 = 1 - (net(xt) - yt).square().mean() / yt.var()
print(f"final_metric={max(-1.0, r2.item()):.4f}")
