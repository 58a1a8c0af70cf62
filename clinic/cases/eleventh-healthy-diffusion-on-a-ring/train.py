import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 30
beta = torch.linspace(1e-3, 0.25, T)
abar = (1 - beta).cumprod(0)


def data(n):
    a = 2 * math.pi * torch.rand(n)
    r = 1.4 + 0.1 * torch.randn(n)
    return torch.stack([r * torch.cos(a), r * torch.sin(a)], 1)


class Eps(nn.Module):
    def __init__(self, h=96):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, h), nn.SiLU(), nn.Linear(h, h), nn.SiLU(), nn.Linear(h, 2))

    def forward(self, x, t):
        u = (t.float() / T).unsqueeze(1)
        emb = torch.cat([torch.sin(math.pi * u), torch.cos(math.pi * u), torch.sin(2 * math.pi * u), torch.cos(2 * math.pi * u)], 1)
        return self.net(torch.cat([x, emb], 1))


model = Eps()
ema = Eps()
ema.load_state_dict(model.state_dict())
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 1200)
for step in range(1200):
    x0, eps, t = data(128), torch.randn(128, 2), torch.randint(0, T, (128,))
    a = abar[t].unsqueeze(1)
    loss = (model(a.sqrt() * x0 + (1 - a).sqrt() * eps, t) - eps).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    with torch.no_grad():
        for p, q in zip(ema.parameters(), model.parameters()):
            p.lerp_(q, 0.02)
    if step % 300 == 299:
        print(step + 1, round(loss.item(), 4))

with torch.no_grad():
    x = torch.randn(1000, 2)
    for i in reversed(range(T)):
        e = ema(x, torch.full((1000,), i))
        x = (x - beta[i] / (1 - abar[i]).sqrt() * e) / (1 - beta[i]).sqrt()
        if i:
            x = x + beta[i].sqrt() * torch.randn_like(x)
    on_ring = ((x.norm(dim=1) - 1.4).abs() < 0.5).float().mean()
print(f"final_metric={on_ring.item():.4f}")
