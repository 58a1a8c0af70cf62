import copy
import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(n_samples=3200, n_features=6, noise=1.0, random_state=seed)
X, y = torch.tensor(X).float(), torch.tensor(y).float()[:, None]
mx, sx, my, sy = X[:2000].mean(0), X[:2000].std(0), y[:2000].mean(), y[:2000].std()
X, y = (X - mx) / sx, (y - my) / sy
train_dl = DataLoader(TensorDataset(X[:2000], y[:2000]), batch_size=50, shuffle=True)
X_val, y_val, X_test, y_test = X[2000:2600], y[2000:2600], X[2600:], y[2600:]

net = nn.Sequential(nn.Linear(6, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=2)
mse = nn.MSELoss()
best, best_state = float("inf"), None
for epoch in range(14):
    net.train()
    tot = 0.0
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = mse(net(xb), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        val = mse(net(X_val), y_val).item()
    sched.step(val)
    if val < best:
        best, best_state = val, copy.deepcopy(net.state_dict())
    print(f"epoch {epoch} train {tot / len(train_dl):.4f} val {val:.4f} lr {opt.param_groups[0]['lr']:.5f}")
net.load_state_dict(best_state)
with torch.no_grad():
    r2 = 1 - mse(net(X_test), y_test).item() / y_test.var().item()
print(f"final_metric={r2:.4f}")
