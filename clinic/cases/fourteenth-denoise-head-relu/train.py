import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 50
beta = torch.linspace(1e-3, 0.12, T)
alpha_bar = torch.cumprod(1 - beta, 0)


def data(n):
    """A ring of eight Gaussians of unit scale."""
    k = torch.randint(0, 8, (n,)).float()
    centre = torch.stack([(k * torch.pi / 4).cos(), (k * torch.pi / 4).sin()], 1)
    return 1.3 * centre + 0.08 * torch.randn(n, 2)


def mlp(sizes):
    layers = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        layers.append(nn.Linear(a, b))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class NoisePredictor(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.time = nn.Embedding(T, 16)
        self.net = mlp([2 + 16, width, width, 2])

    def forward(self, x, t):
        return self.net(torch.cat([x, self.time(t)], 1))


def diffuse(x0, t):
    noise = torch.randn_like(x0)
    a = alpha_bar[t, None]
    return a.sqrt() * x0 + (1 - a).sqrt() * noise, noise


model = NoisePredictor()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for step in range(1200):
    x0 = data(128)
    t = torch.randint(0, T, (128,))
    xt, noise = diffuse(x0, t)
    loss = (model(xt, t) - noise).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(step, round(loss.item(), 4))

model.eval()
with torch.no_grad():
    x0 = data(4000)
    t = torch.randint(0, T, (4000,))
    xt, noise = diffuse(x0, t)
    explained = 1 - ((model(xt, t) - noise) ** 2).mean().item()
print(f"final_metric={explained:.4f}")
