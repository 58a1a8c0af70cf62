import os
import numpy as np
import torch
import torch.nn as nn

np.random.seed(int(os.environ.get("SEED", 0))); torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 4000
rooms, area, age, dist = np.random.randint(1, 8, n), np.random.gamma(9, 12, n), np.random.uniform(0, 80, n), np.random.exponential(6, n)
price = 40000 + 1900 * area + 9000 * rooms - 600 * age + 60000 * np.exp(-dist / 4) + np.random.normal(0, 9000, n)
X = np.c_[rooms, area, age, dist]; X = (X - X.mean(0)) / X.std(0)
y = price
mu, sd = y[:3200].mean(), y[:3200].std()
y = (y - mu) / sd

X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).view(-1, 1)
model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(15):
    for b in torch.randperm(3200).split(32):
        optimizer.zero_grad()
        loss = criterion(model(X[b]), y[b])
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2: print(f"Epoch {epoch + 1}, Loss {loss.item():.4g}")
with torch.no_grad():
    r2 = 1 - criterion(model(X[3200:]), y[3200:]) / y[3200:].var()
print(f"final_metric={max(r2.item(), -10):.4f}")
