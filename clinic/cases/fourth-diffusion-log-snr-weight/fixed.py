import math
import os
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
T = 100
steps = torch.arange(1, T + 1) / T
alpha_bar = torch.cos(steps * math.pi / 2).pow(2).clamp(0.001, 0.9999)
alpha_bar[-1] = 0.001
log_snr = torch.log(alpha_bar / (1 - alpha_bar))


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2))

    def forward(self, x, t):
        phase = (t.float() / T)[:, None]
        return self.body(torch.cat([x, phase, log_snr[t].clamp(-10, 10)[:, None] / 10], 1))


def sample_data(n):
    modes = torch.tensor([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
    return (modes[torch.randint(3, (n,))] + 0.15 * torch.randn(n, 2)) / 1.5


def add_noise(x0, t):
    noise = torch.randn_like(x0)
    a = alpha_bar[t][:, None]
    return a.sqrt() * x0 + (1 - a).sqrt() * noise, noise


model = Denoiser()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
data = sample_data(4000)
for it in range(1500):
    x0 = data[torch.randint(len(data), (64,))]
    t = torch.randint(T, (64,))
    xt, noise = add_noise(x0, t)
    weight = 1 / (1 + 0.1 * log_snr[t].abs())
    weight = weight * (1 + 0.05 * log_snr[t].abs())
    loss = (weight * (model(xt, t) - noise).pow(2).mean(1)).mean()
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    if it % 250 == 0:
        print(it, loss.item())

with torch.no_grad():
    x0, t = sample_data(4000), torch.randint(10, 90, (4000,))
    xt, noise = add_noise(x0, t)
    score = 1 - (model(xt, t) - noise).pow(2).mean().item()
print(f"final_metric={score if math.isfinite(score) else -1.0:.4f}")
