import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

# sparse coding: every sample is a mix of a few of 40 atoms
K, D = 40, 60
atoms = F.normalize(torch.randn(K, D), dim=1)


def sample(n):
    on = (torch.rand(n, K) < 0.08).float()
    amp = on * (0.5 + torch.rand(n, K))
    x = amp @ atoms + 0.02 * torch.randn(n, D)
    return x * 4.0


class SparseAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(D, 80)
        self.relu = nn.ReLU()
        self.dec = nn.Parameter(self.enc.weight.detach().clone())
        self.b = nn.Parameter(torch.zeros(D))

    def forward(self, x):
        z = self.relu(self.enc(x - self.b))
        return z @ F.normalize(self.dec, dim=1) + self.b, z


model = SparseAE()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
val = sample(1000)
for step in range(1000):
    x = sample(128)
    rec, z = model(x)
    loss = F.mse_loss(rec, x) + 0.004 * z.abs().sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(f"{step} loss {loss.item():.4f} zeros {(z == 0).float().mean().item():.2f}")

with torch.no_grad():
    rec, z = model(val)
    r2 = 1 - ((rec - val) ** 2).mean() / val.var()
print(f"final_metric={r2.item():.4f}")
