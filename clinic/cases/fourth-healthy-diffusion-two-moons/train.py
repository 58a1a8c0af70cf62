import math
import os
import torch
from sklearn.datasets import make_moons
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
T = 50
alpha_bar = torch.cos((torch.arange(1, T + 1) / T * 0.98 + 0.008) / 1.008 * math.pi / 2) ** 2
data = torch.tensor(make_moons(4000, noise=0.05, random_state=SEED)[0], dtype=torch.float32)
data = (data - data.mean(0)) / data.std(0)
freqs = 2.0 ** torch.arange(4)


class NoisePredictor(nn.Module):
    def __init__(self, w=96):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, w), nn.SiLU(), nn.Linear(w, w), nn.SiLU(), nn.Linear(w, w), nn.SiLU(), nn.Linear(w, 2))

    def forward(self, x, t):
        angle = t[:, None] / T * math.pi * freqs
        return self.net(torch.cat([x, angle.sin(), angle.cos()], 1))


def loss_of(model, x0):
    t = torch.randint(T, (len(x0),))
    noise = torch.randn_like(x0)
    a = alpha_bar[t][:, None]
    return (model(a.sqrt() * x0 + (1 - a).sqrt() * noise, t) - noise).pow(2).mean()


model = NoisePredictor()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for it in range(2000):
    loss = loss_of(model, data[torch.randint(4000, (128,))])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 250 == 0:
        print(f"{it} {loss.item():.4f}")
with torch.no_grad():
    print(f"final_metric={1 - loss_of(model, data).item():.4f}")
