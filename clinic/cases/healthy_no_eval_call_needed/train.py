import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32)[:, None] / 8 - 0.6
y = torch.tensor(d.target)
perm = torch.randperm(len(y))
train = DataLoader(TensorDataset(X[perm[:1440]], y[perm[:1440]]), batch_size=36, shuffle=True)
test = DataLoader(TensorDataset(X[perm[1440:]], y[perm[1440:]]), batch_size=119)

net = nn.Sequential(nn.Conv2d(1, 12, 3), nn.LayerNorm([12, 6, 6]), nn.ReLU(), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, nesterov=True)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(8):
    for x, t in train:
        opt.zero_grad()
        loss_fn(net(x), t).backward()
        opt.step()
    good = 0
    with torch.no_grad():
        for x, t in test:
            good += (net(x).argmax(1) == t).sum().item()
    print("epoch", epoch, "test accuracy", good / 357)
print(f"final_metric={good / 357:.4f}")
