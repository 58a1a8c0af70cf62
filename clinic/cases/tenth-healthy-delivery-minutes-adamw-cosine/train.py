import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)
n = 3000
dist = np.random.gamma(3, 1.5, n)
items = np.random.poisson(4, n)
hour = np.random.randint(9, 23, n)
rain = np.random.rand(n) < 0.2
minutes = 9 + 3.2 * dist + 1.1 * items + 7 * np.exp(-((hour - 19) / 2.0) ** 2) + rain * (3 + 0.8 * dist) + 2.5 * np.random.randn(n)
X = np.column_stack([dist, items, np.sin(hour / 24 * 2 * np.pi), np.cos(hour / 24 * 2 * np.pi), rain])
X_train, X_test, y_train, y_test = train_test_split(X, minutes, test_size=0.2, random_state=SEED)
sx, sy = StandardScaler(), StandardScaler()
X_train = torch.tensor(sx.fit_transform(X_train), dtype=torch.float32)
X_test = torch.tensor(sx.transform(X_test), dtype=torch.float32)
y_train = torch.tensor(sy.fit_transform(y_train[:, None]), dtype=torch.float32)
y_test = torch.tensor(sy.transform(y_test[:, None]), dtype=torch.float32)

dl = DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=15)
crit = nn.MSELoss()
for epoch in range(15):
    model.train()
    tl = 0.0
    for xb, yb in dl:
        opt.zero_grad()
        loss = crit(model(xb), yb)
        loss.backward()
        opt.step()
        tl += loss.item()
    sched.step()
    model.eval()
    with torch.no_grad():
        vl = crit(model(X_test), y_test).item()
    print(f"epoch {epoch:2d}  train {tl / len(dl):.4f}  val {vl:.4f}  lr {sched.get_last_lr()[0]:.5f}")
print(f"final_metric={1 - vl / y_test.var().item():.4f}")
