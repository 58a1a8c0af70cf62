import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get('SEED', 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

n = 3000
temp = rng.normal(15, 8, n)
humidity = rng.uniform(20, 100, n)
pressure = rng.normal(1013, 9, n)
wind = rng.gamma(2.0, 2.0, n)
rain = (0.06 * (humidity - 60) - 0.12 * (pressure - 1013) + 0.1 * wind - 0.03 * temp + 0.3 * rng.normal(size=n) > 0)
humidity[rng.random(n) < 0.02] = np.nan
data = np.column_stack([temp, humidity, pressure, wind])
train, val = data[:2400], data[2400:]
mean, std = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
train, val = np.nan_to_num((train - mean) / std), np.nan_to_num((val - mean) / std)
x_train, x_val = torch.tensor(train, dtype=torch.float32), torch.tensor(val, dtype=torch.float32)
y_train, y_val = torch.tensor(rain[:2400]).float(), torch.tensor(rain[2400:]).float()

net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for b in torch.randperm(2400).split(60):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x_train[b]), y_train[b])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    net.eval()
    with torch.inference_mode():
        acc = ((net(x_val) > 0) == (y_val > 0.5)).float().mean().item()
    print(f'epoch {epoch:2d} loss {loss.item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
