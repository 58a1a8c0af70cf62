import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_blobs

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
centers = np.random.RandomState(3).uniform(-6, 6, (6, 2))
X, y = make_blobs(n_samples=3000, centers=centers, cluster_std=0.8, random_state=seed)
X = (X - X.mean(0)) / X.std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
X_test, y_test = X[2000:], y[2000:]
order = y[:2000].argsort()
X_train, y_train = X[:2000][order], y[:2000][order]

model = nn.Sequential(nn.Linear(2, 50), nn.ReLU(), nn.Linear(50, 6))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(40):
    for idx in torch.randperm(len(X_train)).split(32):
        xb, yb = X_train[idx], y_train[idx]
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(X_test).argmax(1) == y_test).float().mean().item()
    if epoch % 10 == 9:
        print(epoch + 1, loss.item(), acc)
print(f"final_metric={acc:.4f}")
