import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def make_films(n):
    """12x12 'micrographs' of a film with holes; conductance falls with the hole area and its position."""
    img = rng.normal(0, 0.3, (n, 12, 12))
    yy, xx = np.mgrid[:12, :12]
    g = np.full(n, 2.4e-4)
    for _ in range(3):
        cx, cy = rng.uniform(2, 9, (2, n, 1, 1))
        r = rng.uniform(0.8, 2.6, (n, 1, 1))
        hole = (yy - cy) ** 2 + (xx - cx) ** 2 < r ** 2
        img[hole] += 1.5
        g -= 1.1e-5 * (r * r)[:, 0, 0] * (0.4 + cx[:, 0, 0] / 11)
    x = torch.tensor((img - 0.4) / 0.8, dtype=torch.float32)[:, None]
    return x, torch.tensor(g, dtype=torch.float32)


class FilmNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * 9, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.max_pool2d(F.leaky_relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.leaky_relu(self.conv2(x)), 2)
        return self.fc2(F.leaky_relu(self.fc1(x.flatten(1)))).squeeze(1)


x, y = make_films(2400)
xv, yv = make_films(600)
m, s = y.mean(), y.std()
y, yv = (y - m) / s, (yv - m) / s
model = FilmNet()
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)

for epoch in range(15):
    model.train()
    perm = torch.randperm(len(x))
    for i in range(0, len(x), 48):
        b = perm[i:i + 48]
        loss = F.mse_loss(model(x[b]), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        model.eval()
        rmse = F.mse_loss(model(xv), yv).sqrt().item() / yv.std().item()
    print(f"epoch {epoch} loss {loss.item():.3e} val rmse/std {rmse:.3f}")

print(f"final_metric={-rmse:.4f}")
