import os
import math
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
g = torch.Generator().manual_seed(seed)
torch.manual_seed(seed)


def spirals(n, k=3, noise=0.03):
    xs, ys = [], []
    for c in range(k):
        r = torch.rand(n, generator=g).sqrt() * 0.95 + 0.05
        t = r * 1.5 * math.pi + 2 * math.pi * c / k
        p = torch.stack([r * t.cos(), r * t.sin()], 1) + noise * torch.randn(n, 2, generator=g)
        xs.append(p)
        ys.append(torch.full((n,), c))
    x, y = torch.cat(xs) * 2, torch.cat(ys)
    i = torch.randperm(len(x), generator=g)
    return x[i], y[i]


x, y = spirals(600)
xv, yv = spirals(200)

model = nn.Sequential(
    nn.Linear(2, 64), nn.GELU(),
    nn.Linear(64, 64), nn.GELU(),
    nn.Linear(64, 3),
)
opt = torch.optim.AdamW(model.parameters(), lr=5e-3)
step = 0
while step < 900:
    for idx in torch.randperm(len(x), generator=g).split(100):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    if step % 90 == 0:
        print(step, f"{loss.item():.3f}")

model.eval()
with torch.no_grad():
    print(f"final_metric={(model(xv).argmax(1) == yv).float().mean().item():.4f}")
