import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2000
years, level, hours = rng.uniform(0, 30, n), rng.integers(0, 4, n), rng.uniform(20, 45, n)
salary = 24000 + 900 * years + 9000 * level + 500 * (hours - 20) * (level > 1) + rng.normal(0, 1500, n)
X = np.column_stack([years, level, hours])
X = (X - X[:1600].mean(0)) / X[:1600].std(0)
scale, shift = salary[:1600].std(), salary[:1600].mean()
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor((salary - shift) / scale, dtype=torch.float32).unsqueeze(1)
loader = DataLoader(TensorDataset(X[:1600], y[:1600]), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(20):
    for a, b in loader:
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(a), b)
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(X[1600:]), y[1600:]) / y[1600:].var()
print(f"final_metric={max(r2.item(), -1.0):.4f}")
