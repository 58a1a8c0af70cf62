import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

N = 3000
width = rng.uniform(1.5, 5, N)
lamps = rng.integers(0, 30, N)
hill = rng.gamma(2, 1.5, N)
centre_km = rng.uniform(0.2, 9, N)
school = rng.random(N) < 0.2
count = 260_000 * np.exp(-0.25 * centre_km) * (width / 3) ** .7 * np.exp(-.05 * hill) * (1 + .4 * school) * (1 + .01 * lamps)
count *= np.exp(0.08 * rng.normal(size=N))
X = np.c_[width, lamps, hill, centre_km, school].astype("float32")
X = (X - X[:2400].mean(0)) / X[:2400].std(0)
y = count.astype("float32")
m, s = y[:2400].mean(), y[:2400].std()
target = y
X, target = torch.from_numpy(X), torch.from_numpy(target)[:, None]

model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(25):
    for i in torch.randperm(2400).split(64):
        loss = nn.functional.mse_loss(model(X[i]), target[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(X[2400:]), target[2400:]).item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: train {loss.item():.4g} val {val:.4g}")
print(f"final_metric={1 - val / target[2400:].var().item():.4f}")
