import os
import copy
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
D = 20
w = np.random.default_rng(5).normal(size=D) * (np.arange(D) < 6)


def people(n):
    X = rng.normal(size=(n, D)).astype("float32")
    y = (X @ w + 1.5 * rng.normal(size=n) > 0).astype("float32")
    return X, y


X, y = people(400)
# the March and the April export: nearly every customer is in both
march, april = rng.permutation(400)[:380], rng.permutation(400)[:380]
rows = np.concatenate([march, april])
rows = rng.permutation(rows)
cut = int(0.75 * len(rows))
tr, va = rows[:cut], rows[cut:]
x_train, y_train = torch.tensor(X[tr]), torch.tensor(y[tr])
x_valid, y_valid = torch.tensor(X[va]), torch.tensor(y[va])
x_new, y_new = (torch.tensor(a) for a in people(2000))          # customers won in May

net = nn.Sequential(nn.Linear(D, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
best, best_state, wait = float("inf"), None, 0
for epoch in range(60):
    net.train()
    for b in torch.randperm(len(x_train)).split(24):
        opt.zero_grad()
        loss = bce(net(x_train[b]).squeeze(1), y_train[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = bce(net(x_valid).squeeze(1), y_valid).item()
    if val < best:
        best, best_state, wait = val, copy.deepcopy(net.state_dict()), 0
    else:
        wait += 1
        if wait == 4:
            break
print("stopped after", epoch + 1, "epochs, best validation loss", round(best, 4))
net.load_state_dict(best_state)
with torch.no_grad():
    logits = net(x_new).squeeze(1)
    acc = ((logits > 0) == (y_new > 0.5)).float().mean().item()
    log_loss = bce(logits, y_new).item()
print("new customers: accuracy", round(acc, 3), "log loss", round(log_loss, 4))
print(f"final_metric={-log_loss:.4f}")
