import os
import numpy as np
import torch
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(2000, noise=0.15, random_state=seed)
X = (X - X.mean(0)) / X.std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
X_train, y_train, X_test, y_test = X[:1400], y[:1400], X[1400:], y[1400:]

sizes = [2, 24, 24, 1]
weights = [torch.full((a, b), 0.1) for a, b in zip(sizes[:-1], sizes[1:])]
biases = [torch.zeros(b) for b in sizes[1:]]
for p in weights + biases:
    p.requires_grad_(True)


def net(x):
    for w, b in zip(weights[:-1], biases[:-1]):
        x = torch.tanh(x @ w + b)
    return (x @ weights[-1] + biases[-1]).squeeze(1)


optimizer = torch.optim.SGD(weights + biases, lr=0.1, momentum=0.9)
loss_fn = torch.nn.BCEWithLogitsLoss()
for epoch in range(25):
    order = torch.randperm(len(X_train))
    for start in range(0, len(order), 32):
        idx = order[start:start + 32]
        optimizer.zero_grad()
        loss = loss_fn(net(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = ((net(X_test) > 0).float() == y_test).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
