import copy
import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_classification

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

X, y = make_classification(4000, 30, n_informative=6, n_redundant=2, flip_y=0.1, class_sep=0.8, random_state=seed)
X = (X - X.mean(0)) / X.std(0)
X_pool, y_pool, X_test, y_test = X[:500], y[:500], X[500:], y[500:]


def oversample(X, y, factor=3):
    """Repeat the rows with a little jitter-free resampling, as the data are few."""
    idx = rng.integers(0, len(y), factor * len(y))
    return X[idx], y[idx]


def split(X, y, share=0.3):
    order = rng.permutation(len(y))
    cut = int(len(y) * (1 - share))
    return X[order[:cut]], y[order[:cut]], X[order[cut:]], y[order[cut:]]


X_up, y_up = oversample(X_pool, y_pool)
X_train, y_train, X_val, y_val = split(X_up, y_up)

t = lambda a: torch.tensor(a).float()
X_train, X_val, X_test = t(X_train), t(X_val), t(X_test)
y_train, y_val, y_test = t(y_train), t(y_val), t(y_test)

model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.BCEWithLogitsLoss()
best, best_state, patience = float("inf"), None, 0
for epoch in range(60):
    model.train()
    for idx in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        loss = loss_fn(model(X_train[idx]).squeeze(1), y_train[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = loss_fn(model(X_val).squeeze(1), y_val).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
    if val < best:
        best, best_state, patience = val, copy.deepcopy(model.state_dict()), 0
    else:
        patience += 1
        if patience == 2:
            break
model.load_state_dict(best_state)
model.eval()
with torch.no_grad():
    nll = loss_fn(model(X_test).squeeze(1), y_test).item()
print(f"final_metric={-nll:.4f}")
