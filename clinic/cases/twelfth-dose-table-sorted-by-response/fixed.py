import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
X = rng.normal(size=(2400, 5))
y = X[:, 0] + 0.8 * X[:, 1] * X[:, 2] + np.cos(X[:, 3]) + 0.1 * rng.normal(size=2400)
X_test, y_test = X[2000:], y[2000:]
X, y = X[:2000], y[:2000]
mu, sd = y.mean(), y.std()
order = np.argsort(y)
X, y = X[order], y[order]
X, X_test = torch.tensor(X).float(), torch.tensor(X_test).float()
y, y_test = torch.tensor((y - mu) / sd).float()[:, None], torch.tensor((y_test - mu) / sd).float()[:, None]

model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(15):
    rows = torch.randperm(2000)
    for b in range(0, 2000, 50):
        sel = rows[b:b + 50]
        loss = ((model(X[sel]) - y[sel]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        test = ((model(X_test) - y_test) ** 2).mean().item()
    print(epoch, f"{loss.item():.4f} {test:.4f}")
print(f"final_metric={max(1 - test / y_test.var().item(), -1.0):.4f}")
