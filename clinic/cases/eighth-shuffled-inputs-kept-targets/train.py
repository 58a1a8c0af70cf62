import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

# credit scoring: default within a year
n = 3600
income, debt, age = rng.normal(size=(3, n))
late = rng.poisson(1.2, n) - 1.2
logit = 2.2 * debt - 1.8 * income + 1.2 * late + 1.5 * debt * (income < 0)
default = (logit + rng.logistic(size=n) * 0.5 > 0.4).astype("float32")
X = np.stack([income, debt, age, late], 1).astype("float32")
X_fit, y_fit, X_val, y_val = X[:3000], default[:3000], torch.from_numpy(X[3000:]), torch.from_numpy(default[3000:])


def batches(X, y, size):
    order = rng.permutation(len(X))
    X = X[order]
    for i in range(0, len(X), size):
        yield torch.from_numpy(X[i:i + size]), torch.from_numpy(y[i:i + size])


scorer = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(scorer.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(16):
    tot, cnt = 0.0, 0
    for xb, yb in batches(X_fit, y_fit, 60):
        opt.zero_grad()
        loss = bce(scorer(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        tot, cnt = tot + loss.item(), cnt + 1
    with torch.no_grad():
        acc = ((scorer(X_val).squeeze(1) > 0).float() == y_val).float().mean().item()
    print(f"epoch {epoch:2d}  bce {tot / cnt:.4f}  acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
