"""Re-use a small digit network (0-4) for a new label set (5-9)."""
import os

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = load_digits(return_X_y=True)
X = torch.tensor((X - 4.884) / 6.017, dtype=torch.float32).view(-1, 1, 8, 8)
y = torch.tensor(y)
new = y >= 5
old_x, old_y = X[~new], y[~new]
X, y = X[new], y[new] - 5
perm = torch.randperm(len(X))
X, y = X[perm], y[perm]
train = DataLoader(TensorDataset(X[:650], y[:650]), batch_size=32, shuffle=True)
val_x, val_y = X[650:], y[650:]


class SmallNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        )
        self.head = nn.Linear(12, n_classes)

    def forward(self, x):
        return self.head(self.features(x))


def accuracy(net):
    net.eval()
    with torch.no_grad():
        return (net(val_x).argmax(1) == val_y).float().mean().item()


net = SmallNet(5)

# stage 1: old label set
opt1 = torch.optim.AdamW(net.parameters(), lr=5e-3)
net.train()
for epoch in range(6):
    for b in torch.randperm(len(old_x)).split(32):
        opt1.zero_grad()
        nn.functional.cross_entropy(net(old_x[b]), old_y[b]).backward()
        opt1.step()

# stage 2: new label set, gentle lr for the features
net.features.requires_grad_(True)
groups = [
    {"params": net.features.parameters(), "lr": 5e-5},
    {"params": net.head.parameters(), "lr": 1e-2},
]
optimizer = torch.optim.AdamW(groups)
net.head = nn.Linear(net.head.in_features, 5)

criterion = nn.CrossEntropyLoss()
for epoch in range(12):
    net.train()
    for xb, yb in train:
        optimizer.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {accuracy(net):.3f}")
print(f"final_metric={accuracy(net):.4f}")
