# Regression with quadratic neurons (each layer: (Ax)*(Bx) + Cx).
import argparse
import os
import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--layers", type=int, default=7)
ap.add_argument("--width", type=int, default=32)
ap.add_argument("--steps", type=int, default=400)
ap.add_argument("--lr", type=float, default=1e-2)
args = ap.parse_args()
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Quad(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        for lin in (self.a, self.b, self.c):
            nn.init.orthogonal_(lin.weight)
        self.norm = nn.Identity()

    def forward(self, x):
        x = self.norm(x)
        return self.a(x) * self.b(x) + self.c(x)


def build():
    return nn.Sequential(nn.Linear(6, args.width), *[Quad(args.width) for _ in range(args.layers)], nn.Linear(args.width, 1))


def data(n):
    x = torch.randn(n, 6)
    y = x[:, 0] * x[:, 1] + 0.5 * x[:, 2] - 0.5 * x[:, 3] * x[:, 4]
    return x, y[:, None]


xt, yt = data(3000)
xv, yv = data(500)
model = build()
opt = torch.optim.SGD(model.parameters(), lr=args.lr)
for i in range(args.steps):
    b = torch.randint(0, 3000, (64,))
    loss = nn.functional.smooth_l1_loss(model(xt[b]), yt[b])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if i % 50 == 0:
        print(f"{i}: {loss.item():.4g}")
with torch.no_grad():
    mae = (model(xv) - yv).abs().mean().item()
score = -mae if mae == mae and mae < 1e3 else -1e3
print(f"final_metric={score:.4f}")
