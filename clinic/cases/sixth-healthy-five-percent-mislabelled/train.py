import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

X = rng.normal(size=(6000, 10)).astype(np.float32)
truth = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] - 0.5 * X[:, 3] > 0).astype(int)
labels = np.where(rng.random(6000) < 0.05, rng.integers(0, 3, 6000), truth)
X, labels = torch.from_numpy(X), torch.from_numpy(labels)
train = DataLoader(TensorDataset(X[:5000], labels[:5000]), batch_size=64, shuffle=True)

net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(8):
    net.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[5000:])
        acc = (out.argmax(1) == labels[5000:]).float().mean().item()
    print("epoch %d loss %.3f val %.3f acc %.3f" % (epoch, loss.item(), nn.functional.cross_entropy(out, labels[5000:]).item(), acc))
print("final_metric=%.4f" % acc)
