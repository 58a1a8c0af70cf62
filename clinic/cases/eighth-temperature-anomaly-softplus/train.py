import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
g = torch.Generator().manual_seed(seed)
torch.manual_seed(seed)
days = torch.arange(3000.0)
season = torch.stack([(6.283 * days / 365).sin(), (6.283 * days / 365).cos()], 1)
pressure = torch.randn(3000, 3, generator=g)
wind = torch.randn(3000, 2, generator=g)
x = torch.cat([season, pressure, wind], 1)
anomaly = pressure[:, 0] * season[:, 0] + 0.8 * wind[:, 0] - 0.5 * pressure[:, 1] ** 2 + 0.5 + 0.2 * torch.randn(3000, generator=g)
anomaly = (anomaly - anomaly.mean()) / anomaly.std()
perm = torch.randperm(3000, generator=g)
fit, val = perm[:2500], perm[2500:]


class AnomalyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(7, 64)
        self.mid = nn.Linear(64, 64)
        self.out = nn.Linear(64, 1)

    def forward(self, x):
        h = F.gelu(self.inp(x))
        h = h + F.gelu(self.mid(h))
        return F.softplus(self.out(h)).squeeze(1)


net = AnomalyNet()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(16):
    net.train()
    for idx in fit[torch.randperm(len(fit), generator=g)].split(50):
        loss = F.mse_loss(net(x[idx]), anomaly[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        skill = 1 - F.mse_loss(net(x[val]), anomaly[val]) / anomaly[val].var()
    print(f"{epoch} mse {loss.item():.4f} skill {skill:.4f}")
print(f"final_metric={skill:.4f}")
