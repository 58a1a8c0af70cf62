import os
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2500, 6)
speed = torch.tanh(x[:, 0] + x[:, 1]) + 0.5 * x[:, 2] + 0.1 * torch.randn(2500)
speed = speed / speed.std()
gear = torch.bucketize(x[:, 3] - 0.5 * x[:, 4].abs(), torch.tensor([-1.0, 0.0]))


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 64), nn.ELU(), nn.Linear(64, 32), nn.ELU())
        self.speed, self.gear = nn.Linear(32, 1), nn.Linear(32, 3)
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        h = self.trunk(x)
        return self.speed(h).squeeze(1), self.gear(h)


net = TwoHeads()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for idx in torch.randperm(2000).split(50):
        s, g = net(x[idx])
        a, b = F.mse_loss(s, speed[idx]), F.cross_entropy(g, gear[idx])
        loss = (torch.exp(-net.log_var) * torch.stack([a, b])).sum() + 0.5 * net.log_var.sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(f"epoch {epoch} loss {loss.item():.3f} mse {a.item():.3f} ce {b.item():.3f}")
with torch.no_grad():
    s, g = net(x[2000:])
r2 = 1 - F.mse_loss(s, speed[2000:]) / speed[2000:].var()
accuracy = (g.argmax(1) == gear[2000:]).float().mean()
print(f"final_metric={((r2 + accuracy) / 2).item():.4f}")
