"""Two-spiral classification with a weight-tied, ODE-like network (explicit Euler)."""
import os
import math
import numpy as np
import torch
from torch import nn, optim

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def spirals(n):
    t = np.sqrt(rng.uniform(0.05, 1, n)) * 1.25 * 2 * math.pi
    lab = rng.integers(0, 2, n)
    ang = t + lab * math.pi
    pts = np.stack([t * np.cos(ang), t * np.sin(ang)], 1) + rng.normal(0, 0.15, (n, 2))
    pts /= pts.std()
    return torch.tensor(pts, dtype=torch.float32), torch.tensor(lab)


class EulerNet(nn.Module):
    n_steps = 30
    dt = 1.0

    def __init__(self, dim=48):
        super().__init__()
        self.lift = nn.Linear(2, dim)
        self.field = nn.Sequential(nn.Linear(dim, dim), nn.LeakyReLU(0.1), nn.Linear(dim, dim))
        self.readout = nn.Linear(dim, 2)

    def forward(self, x):
        h = self.lift(x)
        for _ in range(self.n_steps):
            h = h + self.dt * self.field(h)
        return self.readout(h)


x_train, y_train = spirals(1500)
x_val, y_val = spirals(500)
model = EulerNet()
opt = optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True)
lossf = nn.CrossEntropyLoss()

for it in range(800):
    sel = torch.randint(0, len(x_train), (100,))
    opt.zero_grad()
    loss = lossf(model(x_train[sel]), y_train[sel])
    loss.backward()
    opt.step()
    if it % 100 == 99:
        with torch.no_grad():
            acc = (model(x_val).argmax(1) == y_val).float().mean().item()
        print(f"it {it + 1}: loss {loss.item():.4g}, val acc {acc:.3f}")

print(f"final_metric={acc:.4f}")
