"""Fit a smooth 6-d response surface with a tanh network."""
import os

import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def surface(x):
    return torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] - 0.3 * x[:, 4] ** 2


class SurfaceNet(nn.Module):
    def __init__(self, d_in=6, width=48, depth=7):
        super().__init__()
        sizes = [d_in] + [width] * depth
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:]))
        self.out = nn.Linear(width, 1)
        for layer in self.hidden:
            nn.init.normal_(layer.weight, std=0.04)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.out(x).squeeze(1)


X = torch.randn(2400, 6)
y = surface(X) + 0.05 * torch.randn(2400)
y = (y - y.mean()) / y.std()
X_train, y_train = X[:2000], y[:2000]
X_val, y_val = X[2000:], y[2000:]

net = SurfaceNet()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-5)
batch = 100

for epoch in range(40):
    order = torch.randperm(len(X_train))
    total = 0.0
    for i in range(0, len(order), batch):
        idx = order[i:i + batch]
        loss = nn.functional.mse_loss(net(X_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += float(loss)
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            val = nn.functional.mse_loss(net(X_val), y_val)
        net.train()
        print(f"[{epoch + 1}] train mse {total / 20:.4f} val mse {val:.4f}")

net.eval()
with torch.no_grad():
    resid = y_val - net(X_val)
r2 = 1 - resid.pow(2).mean() / y_val.var()
print("R2 on validation:", r2.item())
print(f"final_metric={r2.item():.4f}")
