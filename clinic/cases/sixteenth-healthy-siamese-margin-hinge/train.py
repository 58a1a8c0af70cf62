import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
P = torch.randn(25, 20)


def views(n):
    c = torch.randint(0, 25, (n,))
    same = torch.arange(n) % 2 == 0
    d = torch.where(same, c, (c + torch.randint(1, 25, (n,))) % 25)
    a = (P[c] + 0.7 * torch.randn(n, 20)) / 1.2
    b = (P[d] + 0.7 * torch.randn(n, 20)) / 1.2
    return a, b, same.float()


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 12))

    def forward(self, x):
        return F.normalize(self.seq(x), dim=1)


enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=2e-3)
av, bv, sv = views(2000)
for step in range(600):
    a, b, s = views(128)
    d2 = (enc(a) - enc(b)).pow(2).sum(1)
    loss = (s * d2 + (1 - s) * F.relu(1.0 - (d2 + 1e-6).sqrt()) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 99:
        with torch.no_grad():
            dist = (enc(av) - enc(bv)).pow(2).sum(1).sqrt()
            acc = ((dist < 0.7).float() == sv).float().mean().item()
        print(step + 1, loss.item(), acc)
print(f"final_metric={acc:.4f}")
