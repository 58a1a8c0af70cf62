import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer

rs = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(rs)
torch.manual_seed(rs)

bc = load_breast_cancer()
ids = rng.permutation(len(bc.target)) + 842000      # as in the hospital export
features, diagnosis = bc.data, bc.target

order = np.argsort(ids)
features = features[order]
ids = ids[order]

n_train = 420
mean, std = features[:n_train].mean(0), features[:n_train].std(0)
features = (features - mean) / std
X = torch.tensor(features, dtype=torch.float32)
Y = torch.tensor(diagnosis, dtype=torch.float32)
X_train, Y_train, X_hold, Y_hold = X[:n_train], Y[:n_train], X[n_train:], Y[n_train:]

model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
bce = nn.BCEWithLogitsLoss()
for epoch in range(20):
    model.train()
    shuffled = torch.randperm(n_train)
    for start in range(0, n_train, 20):
        b = shuffled[start:start + 20]
        opt.zero_grad()
        loss = bce(model(X_train[b]).squeeze(1), Y_train[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        p = model(X_hold).squeeze(1)
        acc = ((p > 0) == (Y_hold > 0.5)).float().mean().item()
    if epoch % 4 == 3:
        print("epoch %2d  loss %.3f  holdout loss %.3f  holdout acc %.3f" % (epoch + 1, loss.item(), bce(p, Y_hold).item(), acc))
print(f"final_metric={acc:.4f}")
