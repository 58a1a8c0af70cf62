import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

def sample(n):
    """piecewise: eight regions by angle, each with its own linear rule"""
    x = torch.randn(n, 2)
    sector = ((torch.atan2(x[:, 1], x[:, 0]) + 3.1416) / 6.2832 * 8).long().clamp(max=7)
    slopes = torch.tensor([[1., 2], [-2, 1], [2., -1], [-1, -2], [1., 2], [-2, 1], [2., -1], [-1, -2]])
    return x, (slopes[sector] * x).sum(1, keepdim=True)

class MoE(nn.Module):
    def __init__(self, n_exp=8):
        super().__init__()
        self.router = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, n_exp))
        self.experts = nn.ModuleList(nn.Linear(2, 1) for _ in range(n_exp))
    def forward(self, x):
        scores = self.router(x)
        gate = F.softmax(scores, dim=-1)
        y = torch.cat([e(x) for e in self.experts], dim=-1)
        return (gate * y).sum(-1, keepdim=True)

net = MoE()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(2000):
    x, y = sample(128)
    loss = F.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if i % 400 == 0:
        print(f"[{i:>4}] mse={loss.item():.4f}")
x, y = sample(4000)
with torch.no_grad():
    print(f"final_metric={1 - (F.mse_loss(net(x), y) / y.var()).item():.4f}")
