import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", "0"))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

CONFIG = dict(width=48, depth=24, lr=0.01, epochs=25, batch=64)


def buildings(n):
    f = rng.normal(size=(n, 8))
    load = 1.5 * f[:, 0] * f[:, 1] + np.sin(2 * f[:, 2]) + 0.7 * np.abs(f[:, 3]) + 0.4 * f[:, 4] - 0.3 * f[:, 5]
    return f.astype("float32"), (load + 0.1 * rng.normal(size=n)).astype("float32")


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, h):
        return torch.tanh(self.fc(h))


class Tower(nn.Module):
    def __init__(self, n_in, width, depth):
        super().__init__()
        self.stem = nn.Linear(n_in, width)
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        h = self.stem(x)
        for block in self.blocks:
            h = block(h)
        return self.out(h).squeeze(-1)


xt, yt = buildings(3000)
xv, yv = buildings(800)
mu, sd = yt.mean(), yt.std()
xt, yt, xv, yv = (torch.from_numpy(a) for a in (xt, (yt - mu) / sd, xv, (yv - mu) / sd))
net = Tower(8, CONFIG["width"], CONFIG["depth"])
opt = torch.optim.SGD(net.parameters(), lr=CONFIG["lr"], momentum=0.9)
for epoch in range(CONFIG["epochs"]):
    net.train()
    for idx in torch.randperm(len(xt)).split(CONFIG["batch"]):
        loss = F.mse_loss(net(xt[idx]), yt[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        r2 = 1 - F.mse_loss(net(xv), yv) / yv.var()
    print(epoch, round(loss.item(), 4), "val R2", round(r2.item(), 4))
print(f"final_metric={r2.item():.4f}")
