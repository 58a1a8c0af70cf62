import os
import numpy as np
import torch
from torch import nn
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def plant(n, loc, spread):
    x = rng.normal(loc, spread, (n, 5))
    y = 0.8 * x[:, 0] + 0.5 * x[:, 1] * (x[:, 2] > 0) - 0.4 * np.abs(x[:, 3]) + 0.1 * rng.normal(size=n)
    return x, y


X, y = plant(2400, 1.0, 2.0)
X[:, 4] = X[:, 4] * 3
# the unit of the loggers of the validation plant is ten times finer
Xv, yv = plant(600, 1.0, 2.0)
Xv[:, 4] = Xv[:, 4] * 3
Xv = Xv * 10
sx = StandardScaler().fit(X)
sy = StandardScaler().fit(y[:, None])
X, y = torch.tensor(sx.transform(X)).float(), torch.tensor(sy.transform(y[:, None])).float()
Xv, yv = torch.tensor(sx.transform(Xv)).float(), torch.tensor(sy.transform(yv[:, None])).float()

net = nn.Sequential(nn.Linear(5, 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    net.train()
    for i in torch.randperm(2400).split(48):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(Xv), yv).item()
    print(epoch, round(loss.item(), 4), round(val, 4))
print(f"final_metric={max(-5.0, 1 - val / yv.var().item()):.4f}")
