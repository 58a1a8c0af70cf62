import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
d = load_digits()
order = np.argsort(d.target, kind="stable")
X, y = d.data[order] / 8 - 1, d.target[order]
mix = rng.permutation(len(X))
X, y = X[mix], y[mix]
train = TensorDataset(torch.tensor(X[:1440]).float(), torch.tensor(y[:1440]))
val = TensorDataset(torch.tensor(X[1440:]).float(), torch.tensor(y[1440:]))
train_loader = DataLoader(train, batch_size=32, shuffle=False)
val_loader = DataLoader(val, batch_size=119, shuffle=False)

model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    tl = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        tl += loss.item()
    with torch.no_grad():
        acc = sum((model(a).argmax(1) == b).sum().item() for a, b in val_loader) / len(val)
    print(f"epoch {epoch + 1}, train loss {tl / len(train_loader):.4f}, val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
