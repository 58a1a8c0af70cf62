import os
import copy
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def people(n):
    x = torch.randn(n, 15)
    p = torch.sigmoid(2.0 * (x[:, 0] + x[:, 1] * 0.5 - 0.5 * x[:, 2]))
    return x, torch.bernoulli(p)


X, y = people(450)
X_test, y_test = people(3000)
X_train, y_train = X[:300], y[:300]
X_val, y_val = X[:150], y[:150]

model = nn.Sequential(nn.Linear(15, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.BCEWithLogitsLoss()
best, best_state, patience = float("inf"), None, 0
for epoch in range(80):
    model.train()
    for idx in torch.randperm(len(X_train)).split(30):
        optimizer.zero_grad()
        loss = loss_fn(model(X_train[idx]).squeeze(1), y_train[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = loss_fn(model(X_val).squeeze(1), y_val).item()
    print(f"{epoch} val {val:.4f}")
    if val < best - 1e-4:
        best, best_state, patience = val, copy.deepcopy(model.state_dict()), 0
    else:
        patience += 1
        if patience >= 2:
            break
model.load_state_dict(best_state)
with torch.no_grad():
    test = loss_fn(model(X_test).squeeze(1), y_test).item()
print(f"final_metric={-test:.4f}")
