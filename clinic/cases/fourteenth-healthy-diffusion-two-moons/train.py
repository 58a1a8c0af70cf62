import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 40
beta = torch.linspace(1e-3, 0.15, T)
alpha_bar = torch.cumprod(1 - beta, 0)


def moons(n):
    a = torch.rand(n) * torch.pi
    side = torch.randint(0, 2, (n,)).float()
    x = torch.stack([a.cos() + side, a.sin() * (1 - 2 * side) + 0.5 * side], 1) + 0.05 * torch.randn(n, 2)
    return (x - torch.tensor([0.5, 0.25])) / 0.7


class Denoiser(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.time = nn.Embedding(T, 16)
        self.net = nn.Sequential(nn.Linear(18, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))

    def forward(self, x, t):
        return self.net(torch.cat([x, self.time(t)], 1))


def noisy(n):
    x0, t, eps = moons(n), torch.randint(0, T, (n,)), torch.randn(n, 2)
    a = alpha_bar[t, None]
    return a.sqrt() * x0 + (1 - a).sqrt() * eps, t, eps


model = Denoiser()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
ema = None
for step in range(800):
    x, t, eps = noisy(128)
    loss = (model(x, t) - eps).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    ema = loss.item() if ema is None else 0.98 * ema + 0.02 * loss.item()
    if step % 100 == 0:
        print(step, round(ema, 4))
model.eval()
with torch.no_grad():
    x, t, eps = noisy(5000)
    explained = 1 - (model(x, t) - eps).pow(2).mean().item()
print(f"final_metric={explained:.4f}")
