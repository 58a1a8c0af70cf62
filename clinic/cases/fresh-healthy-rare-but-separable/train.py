import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import f1_score

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
n = 4000
y = (rng.random(n) < 0.04).astype("int64")
X = rng.standard_normal((n, 10)) + y[:, None] * np.array([2.5, -2.5, 2, 2, 0, 0, 0, 0, 0, 0])
X, yt = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(10):
    for b in torch.randperm(3000).split(50):
        loss = nn.functional.cross_entropy(net(X[b]), yt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, loss.item())
pred = net(X[3000:]).argmax(1).numpy()
print("final_metric=%.4f" % f1_score(y[3000:], pred))
