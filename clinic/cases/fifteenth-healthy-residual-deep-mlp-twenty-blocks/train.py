import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Res(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.n, self.a, self.b = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x):
        return x + self.b(torch.relu(self.a(self.n(x))))


def data(n):
    x = torch.randn(n, 6)
    y = torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] - 0.5 * x[:, 3]
    return x, (y / 1.33)[:, None]


x, y = data(6000)
xv, yv = data(1000)
net = nn.Sequential(nn.Linear(6, 32), *[Res(32) for _ in range(20)], nn.LayerNorm(32), nn.Linear(32, 1))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
for epoch in range(5):
    for b in torch.randperm(6000).split(60):
        loss = nn.functional.mse_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(net(xv), yv) / yv.var()
    print(epoch, loss.item(), r2.item())
print(f"final_metric={r2.item():.4f}")
