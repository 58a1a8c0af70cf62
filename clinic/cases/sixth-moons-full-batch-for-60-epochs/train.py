import os
import numpy as np
import torch
from sklearn.datasets import make_moons
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

X, y = make_moons(5000, noise=0.12, random_state=SEED)
X = ((X - X[:4000].mean(0)) / X[:4000].std(0)).astype(np.float32)
train = TensorDataset(torch.from_numpy(X[:4000]), torch.from_numpy(y[:4000]))
xv, yv = torch.from_numpy(X[4000:]), torch.from_numpy(y[4000:])
loader = DataLoader(train, batch_size=len(train), shuffle=True)

net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(60):
    net.train()
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        logits = net(xv)
        val = nn.functional.cross_entropy(logits, yv).item()
        acc = (logits.argmax(1) == yv).float().mean().item()
    print(f'{epoch:2d} train {loss.item():.4f} val {val:.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
