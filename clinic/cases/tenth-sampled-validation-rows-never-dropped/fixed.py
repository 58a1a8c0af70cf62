import copy
import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def table(n):
    X = rng.normal(size=(n, 30)).astype("float32")
    p = 1 / (1 + np.exp(-1.6 * (X[:, 0] + X[:, 1] - X[:, 2])))
    return torch.tensor(X), torch.tensor((rng.random(n) < p).astype("float32"))


X, y = table(900)
X_test, y_test = table(1500)

idx = np.arange(len(X))
val_idx = rng.choice(idx, size=200, replace=False)
train_idx = np.setdiff1d(idx, val_idx)
train_dl = DataLoader(TensorDataset(X[train_idx], y[train_idx]), batch_size=32, shuffle=True)
X_val, y_val = X[val_idx], y[val_idx]


class EarlyStopping:
    def __init__(self, patience=3):
        self.patience = patience
        self.best = float("inf")
        self.wait = 0
        self.state = None

    def step(self, loss, model):
        if loss < self.best:
            self.best, self.wait = loss, 0
            self.state = copy.deepcopy(model.state_dict())
        else:
            self.wait += 1
        return self.wait >= self.patience


model = nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
crit = nn.BCEWithLogitsLoss()
stopper = EarlyStopping()
for epoch in range(30):
    model.train()
    tl = 0.0
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = crit(model(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        tl += loss.item() * len(xb)
    model.eval()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
        vl = crit(out, y_val).item()
        va = ((out > 0).float() == y_val).float().mean().item()
    print(f"Epoch {epoch:2d} train_loss {tl / len(train_idx):.4f} val_loss {vl:.4f} val_acc {va:.3f}")
    if stopper.step(vl, model):
        print("early stopping")
        break
model.load_state_dict(stopper.state)
with torch.no_grad():
    test_loss = crit(model(X_test).squeeze(1), y_test).item()
print(f"test loss {test_loss:.4f}")
print(f"final_metric={-test_loss:.4f}")
