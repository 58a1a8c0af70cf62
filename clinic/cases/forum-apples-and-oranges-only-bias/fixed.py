import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import confusion_matrix, f1_score

s = int(os.environ.get("SEED", 0))
np.random.seed(s); torch.manual_seed(s)

def snapshot(n):
    X = np.random.randn(n, 20)
    p = 1 / (1 + np.exp(-(1.1 * X[:, 0] - 0.9 * X[:, 1] + 0.6 * X[:, 2] + 0.5 * X[:, 4] - 2.9)))
    return X, (np.random.rand(n) < p).astype(np.float32)

X_train, y_train = snapshot(8000)
X_val, y_val = snapshot(3000)
print("% of classes: train", 1 - y_train.mean(), y_train.mean())
X_train, X_val = torch.tensor(X_train).float(), torch.tensor(X_val).float()
y_train = torch.tensor(y_train).unsqueeze(1)

model = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
loss_fn = nn.BCEWithLogitsLoss(pos_weight=(1 - y_train).sum() / y_train.sum())
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
for epoch in range(10):
    for idx in torch.randperm(8000).split(64):
        optimizer.zero_grad()
        loss = loss_fn(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        pred = (model(X_val) > 0).numpy().ravel()
    print("epoch", epoch, confusion_matrix(y_val, pred, normalize="all").round(3).tolist())
print("final_metric=%.4f" % f1_score(y_val, pred))
