import os
import numpy as np
import torch
import torch.nn as nn

class HousePrices:
    def __init__(self, seed, n=2400):
        r = np.random.default_rng(seed)
        area = r.gamma(6, 20, n)
        rooms = np.clip(np.round(area / 30 + r.normal(0, 1, n)), 1, 9)
        age = r.uniform(0, 90, n)
        dist = r.exponential(6, n)
        garden = r.integers(0, 2, n)
        price = 1500 * area + 8000 * rooms - 500 * age - 6000 * np.sqrt(dist) + 20000 * garden * (dist > 5)
        self.table = np.column_stack([area, rooms, age, dist, garden]).astype("float32")
        self.price = np.log(np.maximum(price + r.normal(0, 8000, n), 30000)).astype("float32")

    def split(self):
        cut = int(0.8 * len(self.table))
        x, xv = self.table[:cut], self.table[cut:]
        y, yv = self.price[:cut], self.price[cut:]
        m, s, a, b = x.mean(0), x.std(0), y.mean(), y.std()
        return [torch.tensor(v, dtype=torch.float32) for v in ((x - m) / s, (y - a) / b, (xv - m) / s, (yv - a) / b)]

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
x, y, xv, yv = HousePrices(SEED).split()
model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(20):
    perm = torch.randperm(len(x))
    total = 0.0
    for i in range(0, len(x), 48):
        j = perm[i:i + 48]
        loss = (model(x[j]) - y[j]).square().mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        total += loss.item() * len(j) / len(x)
    with torch.no_grad():
        v = (model(xv) - yv).square().mean().item()
    print(f"epoch {epoch} rmse train {total ** .5:.4f} val {v ** .5:.4f}")
print(f"final_metric={1 - v / yv.var().item():.4f}")
