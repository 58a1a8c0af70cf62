import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
DEPTH, W = 28, 32


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(W)
        self.lin = nn.Linear(W, W)
        nn.init.kaiming_normal_(self.lin.weight, nonlinearity="relu")

    def forward(self, h):
        return torch.relu(self.norm(self.lin(h)))


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(6, W)
        self.layers = nn.ModuleList([Layer() for _ in range(DEPTH)])
        self.out = nn.Linear(W, 1)

    def forward(self, x):
        h = self.inp(x)
        for layer in self.layers:
            h = layer(h)
        return self.out(h)


def data(n):
    x = torch.rand(n, 6) * 3.4 - 1.7
    y = torch.sin(2 * x[:, :1]) * x[:, 1:2] + torch.cos(2 * x[:, 2:3] + x[:, 3:4]) + 0.5 * x[:, 4:5] * x[:, 5:]
    return x, y


x, y = data(2000)
xv, yv = data(500)
model = Tower()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(12):
    for i in torch.randperm(2000).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(model(xv), yv).item() / yv.var().item()
    print("epoch", epoch, "loss", loss.item(), "val r2", r2)
print(f"final_metric={r2:.4f}")
