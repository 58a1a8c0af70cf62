import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class MoE(nn.Module):
    def __init__(self, n_experts=4):
        super().__init__()
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1)) for _ in range(n_experts)])
        self.gate = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, n_experts))

    def forward(self, x):
        g = self.gate(x).softmax(-1)
        out = torch.cat([e(x) for e in self.experts], -1)
        return (g * out).sum(-1, keepdim=True), g


def world(n):
    x = torch.rand(n, 2) * 4 - 2
    piece = torch.lerp( torch.sin(3 * x[:, 1]), 0.5 * x[:, 1] ** 2 - 1, torch.sigmoid(-8 * x[:, 0]))
    return x, (piece + 0.05 * torch.randn(n)).unsqueeze(1)


x, y = world(1600)
xv, yv = world(400)
net = MoE()
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30)
for epoch in range(30):
    for b in torch.randperm(1600).split(64):
        out, g = net(x[b])
        loss = nn.functional.mse_loss(out, y[b]) + 1e-3 * (g.mean(0) * g.mean(0).log()).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    if epoch % 5 == 0:
        print(epoch, loss.item(), g.mean(0).tolist())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(xv)[0], yv) / yv.var()
print(f"final_metric={r2.item():.4f}")
