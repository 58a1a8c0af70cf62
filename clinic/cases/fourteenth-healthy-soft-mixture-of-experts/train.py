import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
centres = torch.randn(4, 6) * 2
slopes = torch.randn(4, 6) / 6 ** 0.5


def sample(n):
    k = torch.randint(0, 4, (n,))
    x = centres[k] + 0.7 * torch.randn(n, 6)
    y = ((x - centres[k]) * slopes[k]).sum(1) * 2 + 0.5 * k - 0.75
    return x / 2, y + 0.05 * torch.randn(n)


class MoE(nn.Module):
    def __init__(self, experts=4, hidden=32):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, experts))
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(6, hidden), nn.ReLU(), nn.Linear(hidden, 1)) for _ in range(experts)]
        )

    def forward(self, x):
        g = self.gate(x).softmax(1)
        out = torch.cat([e(x) for e in self.experts], 1)
        return (g * out).sum(1)


x, y = sample(4000)
xt, yt = sample(1500)
net = MoE()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(len(x)).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x[idx]), y[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(net(xt), yt) / yt.var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={r2:.4f}")
