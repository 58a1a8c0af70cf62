"""
集合回归：每个样本是 200 个传感器读数，预测其分布的形状参数。
"""
import os
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def 生成(n):
    a = torch.rand(n, 1) * 2 - 1
    s = torch.rand(n, 1) + 0.5
    r = torch.randn(n, 200) * s + a
    return r.unsqueeze(-1), torch.cat([a, s - 1], 1)


class SetNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.rho1 = nn.Linear(32, 32)
        self.rho2 = nn.Linear(32, 2)

    def forward(self, x):
        h = self.phi(x)
        h = h.mean(dim=1)
        h = torch.tanh(self.rho1(h))  # 压缩到 [-1, 1]
        return self.rho2(h)


x, y = 生成(600)
xv, yv = 生成(200)
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
net = SetNet()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for ep in range(10):
    for a, b in loader:
        loss = nn.functional.mse_loss(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("第", ep, "轮 损失", round(loss.item(), 4))
with torch.no_grad():
    err = nn.functional.mse_loss(net(xv), yv)
    r2 = 1 - err / yv.var()
print("final_metric=%.4f" % r2.item())
