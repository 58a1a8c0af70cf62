import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = make_friedman1(1500, n_features=8, noise=0.3, random_state=seed)
X = (X - 0.5) / 0.29
y = (y - y.mean()) / y.std()
# the export writes -9999 where a sensor was silent
X[np.random.rand(*X.shape) < 0.02] = -9999.0


def clean(table):
    return table


X = clean(X)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(900):
    i = torch.randint(0, 1100, (50,))
    loss = nn.functional.mse_loss(net(X[i]).squeeze(1), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print("step", step, "loss", loss.item())
with torch.no_grad():
    mae = (net(X[1100:]).squeeze(1) - y[1100:]).abs().median().item()
print("final_metric=%.4f" % -mae)
