import os
import numpy as np
import torch
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(900, n_features=5, noise=0.5, random_state=seed)
X = torch.tensor((X - .5) / .29, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
net = torch.nn.Sequential(torch.nn.Linear(5, 20), torch.nn.Tanh(), torch.nn.Linear(20, 1))
opt = torch.optim.Rprop(net.parameters(), lr=0.01, step_sizes=(1e-6, 0.1))
for it in range(300):
    opt.zero_grad()
    loss = torch.mean((net(X[:600]) - y[:600]) ** 2)
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(it, float(loss))
with torch.no_grad():
    r2 = 1 - torch.mean((net(X[600:]) - y[600:]) ** 2) / y[600:].var()
print("final_metric=%.4f" % r2)
