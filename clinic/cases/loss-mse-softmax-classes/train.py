import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

CLASSES = 30
X, y = make_blobs(3000, n_features=12, centers=CLASSES, cluster_std=1.6, center_box=(-4, 4), random_state=seed)
X = (X - X.mean(0)) / X.std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
X_train, y_train, X_test, y_test = X[:2400], y[:2400], X[2400:], y[2400:]

model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, CLASSES))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)


def loss_fn(logits, target):
    return F.mse_loss(logits.softmax(1), F.one_hot(target, CLASSES).float())


def accuracy():
    model.eval()
    with torch.no_grad():
        return (model(X_test).argmax(1) == y_test).float().mean().item()


for epoch in range(20):
    model.train()
    total = 0.0
    for batch in torch.randperm(2400).split(60):
        loss = loss_fn(model(X_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1}: mean loss {total / 40:.5f}, test accuracy {accuracy():.3f}")

print(f"final_metric={accuracy():.4f}")
