"""Surrogate for an antenna simulator; 'deep' because the paper's was."""
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Layer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.lin, self.norm = nn.Linear(d, d), nn.LayerNorm(d)

    def forward(self, h):
        return torch.relu(self.norm(self.lin(h)))


class Tower(nn.Module):
    def __init__(self, d=32, depth=32):
        super().__init__()
        self.inp, self.out = nn.Linear(5, d), nn.Linear(d, 1)
        self.layers = nn.ModuleList(Layer(d) for _ in range(depth))

    def forward(self, x):
        h = self.inp(x)
        for layer in self.layers:
            h = h + 0.2 * layer(h)
        return self.out(h).squeeze(1)


def antenna(n):
    x = torch.rand(n, 5) * 2 - 1
    y = torch.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2] * 2 + torch.cos(2 * x[:, 3] + x[:, 4])
    return x, (y - 0.4) / 1.1


x, y = antenna(5000)
xt, yt = antenna(1000)
net = Tower()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(5):
    for b in torch.randperm(5000).split(50):
        loss = nn.functional.mse_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(net(xt), yt).item() / yt.var().item()
    print(f"epoch {epoch} loss {loss.item():.4f} R2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
