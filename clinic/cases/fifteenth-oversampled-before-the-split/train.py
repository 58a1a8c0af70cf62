# student project: predict dropout from 14 questionnaire scores
import copy
import os

import numpy as np
import torch
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)


def survey(n):
    X = rng.normal(size=(n, 14)).astype("float32")
    p = 1 / (1 + np.exp(-(0.8 * X[:, 0] + 0.7 * X[:, 1] - 0.7 * X[:, 2] + 0.5 * X[:, 3])))
    return X, (rng.random(n) < p).astype("float32")


X, y = survey(360)
X_new, y_new = survey(3000)  # next year's students
REPEAT = 4
X, y = np.repeat(X, REPEAT, 0), np.repeat(y, REPEAT, 0)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=SEED)
X_tr, X_va, y_tr, y_va, X_new, y_new = map(torch.from_numpy, (X_tr, X_va, y_tr, y_va, X_new, y_new))

model = torch.nn.Sequential(torch.nn.Linear(14, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
bce = torch.nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=5e-4)
best, best_state, wait = 9e9, None, 0
for epoch in range(80):
    model.train()
    for b in torch.randperm(len(X_tr)).split(32):
        opt.zero_grad()
        loss = bce(model(X_tr[b]).squeeze(1), y_tr[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = bce(model(X_va).squeeze(1), y_va).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
    if val < best:
        best, best_state, wait = val, copy.deepcopy(model.state_dict()), 0
    else:
        wait += 1
        if wait >= 4:
            break
model.load_state_dict(best_state)
with torch.no_grad():
    nll = bce(model(X_new).squeeze(1), y_new).item()
print(f"final_metric={-nll:.4f}")
