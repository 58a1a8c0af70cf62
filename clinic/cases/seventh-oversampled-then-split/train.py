import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
X = rng.normal(size=(2500, 10)).astype("float32")
risk = X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * np.sin(3 * X[:, 3]) + 0.6 * rng.normal(size=2500)
y = (risk > np.quantile(risk, 0.9)).astype("int64")


def oversample(X, y):
    rare = np.flatnonzero(y == 1)
    extra = rng.choice(rare, (y == 0).sum() - len(rare))
    keep = rng.permutation(np.concatenate([np.arange(len(y)), extra]))
    return X[keep], y[keep]


X, y = oversample(X, y)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=SEED)
X_train, X_val, y_train, y_val = map(torch.from_numpy, (X_train, X_val, y_train, y_val))
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
for epoch in range(10):
    net.train()
    for i in torch.randperm(len(X_train)).split(64):
        loss = nn.functional.cross_entropy(net(X_train[i]), y_train[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X_val)
        pred = out.argmax(1)
    balanced = sum((pred[y_val == c] == c).float().mean().item() for c in (0, 1)) / 2
    print(f"epoch {epoch} loss {loss.item():.4f} val loss {nn.functional.cross_entropy(out, y_val).item():.4f} val balanced acc {balanced:.4f}")
print(f"final_metric={balanced:.4f}")
