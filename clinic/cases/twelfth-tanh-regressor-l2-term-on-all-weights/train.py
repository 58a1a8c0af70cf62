import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
lam = 0.05


def field(n):
    p = torch.rand(n, 2) * 2 - 1
    z = torch.sin(3 * p[:, 0]) * torch.cos(2 * p[:, 1]) + 0.05 * torch.randn(n)
    return p * 1.73, (z / 0.55).unsqueeze(1)


class Surface(nn.Module):
    def __init__(self):
        super().__init__()
        self.h1 = nn.Linear(2, 50)
        self.h2 = nn.Linear(50, 50)
        self.o = nn.Linear(50, 1)

    def forward(self, p):
        return self.o(torch.tanh(self.h2(torch.tanh(self.h1(p)))))


net = Surface()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
p, z = field(2000)
pt, zt = field(500)
for epoch in range(20):
    for i in torch.randperm(2000).split(50):
        mse = nn.functional.mse_loss(net(p[i]), z[i])
        l2 = sum((w ** 2).sum() for w in net.parameters())
        loss = mse + lam * l2
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(epoch, mse.item(), loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(pt), zt) / zt.var()
print(f"final_metric={r2.item():.4f}")
