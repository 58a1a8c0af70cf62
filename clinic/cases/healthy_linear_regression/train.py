import os
import numpy as np
import torch
from sklearn.datasets import load_diabetes

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)
X, y = load_diabetes(return_X_y=True)
X = X / X.std(axis=0)
y = (y - y.mean()) / y.std()
p = rng.permutation(len(X))
X = torch.tensor(X[p], dtype=torch.float32)
y = torch.tensor(y[p], dtype=torch.float32)[:, None]

w = torch.zeros(10, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.02
opt = torch.optim.SGD([w, b], lr=lr)
for epoch in range(60):
    for i in range(0, 320, 32):
        loss = ((X[i:i + 32] @ w + b - y[i:i + 32]) ** 2).mean()
        loss.backward()
        opt.step()
        opt.zero_grad()
with torch.no_grad():
    res = ((X[320:] @ w + b - y[320:]) ** 2).mean()
    r2 = 1 - res / y[320:].var()
print(f"final_metric={r2.item():.4f}")
