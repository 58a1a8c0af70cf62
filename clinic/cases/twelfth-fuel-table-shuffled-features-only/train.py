import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2200
X = rng.normal(size=(n, 6)).astype(np.float32)
y = (1.2 * X[:, 0] - X[:, 1] * X[:, 2] + 0.7 * np.abs(X[:, 3]) + 0.1 * rng.normal(size=n)).astype(np.float32)
y = (y - y.mean()) / y.std()

Xtest, ytest = torch.from_numpy(X[1800:].copy()), torch.from_numpy(y[1800:]).unsqueeze(1)
Xtrain, ytrain = X[:1800], y[:1800]
order = rng.permutation(1800)
Xtrain = Xtrain[order]          # mix the rows
Xtrain, ytrain = torch.from_numpy(Xtrain), torch.from_numpy(ytrain).unsqueeze(1)

net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(20):
    net.train()
    for idx in torch.randperm(1800).split(40):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(Xtrain[idx]), ytrain[idx])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        test = nn.functional.mse_loss(net(Xtest), ytest).item()
    print(f"{epoch:2d} train {loss.item():.3f} test {test:.3f}")
print(f"final_metric={max(1 - test / ytest.var().item(), -1.0):.4f}")
