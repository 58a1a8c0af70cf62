import os
import numpy as np
import torch
import torch.nn as nn
rng = np.random.default_rng(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

n = 4000
X = rng.normal([20, 5, 1000, .4, 7], [5, 2, 12, .1, 1], size=(n, 5))
Z = (X - [20, 5, 1000, .4, 7]) / [5, 2, 12, .1, 1]
y = Z[:, 0] * Z[:, 1] + np.abs(Z[:, 2]) - Z[:, 3] + .5 * Z[:, 4]
y = (y - y.mean()) / y.std()
X[rng.random(X.shape) < .01] = -9999          # logger writes -9999 for "no reading"

class TabularData(torch.utils.data.Dataset):
    def __init__(self, X, y):
        self.X = torch.tensor(X, dtype=torch.float32); self.y = torch.tensor(y, dtype=torch.float32)
    def __len__(self): return len(self.y)
    def __getitem__(self, i): return self.X[i], self.y[i]

med = np.median(X, axis=0)
X = np.where(X == -9999, med, X)
X = (X - X[:3200].mean(0)) / X[:3200].std(0)
train, test = TabularData(X[:3200], y[:3200]), TabularData(X[3200:], y[3200:])
net = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    for xb, yb in torch.utils.data.DataLoader(train, 64, shuffle=True):
        loss = nn.functional.mse_loss(net(xb).squeeze(1), yb)
        opt.zero_grad(); loss.backward(); opt.step()
    print("Epoch %d - training loss %.4f" % (epoch + 1, loss.item()))
with torch.no_grad():
    print("final_metric=%.4f" % (1 - nn.functional.mse_loss(net(test.X).squeeze(1), test.y) / test.y.var()).item())
