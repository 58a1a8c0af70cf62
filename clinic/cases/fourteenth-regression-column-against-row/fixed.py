import os
import warnings
import numpy as np
import torch
from sklearn.datasets import make_friedman1
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = make_friedman1(n_samples=3000, n_features=8, noise=0.5, random_state=seed)
xs, ys = StandardScaler().fit(X[:2200]), StandardScaler().fit(y[:2200, None])
X = torch.tensor(xs.transform(X), dtype=torch.float32)
y = torch.tensor(ys.transform(y[:, None]).ravel(), dtype=torch.float32)

train_loader = DataLoader(TensorDataset(X[:2200], y[:2200]), batch_size=32, shuffle=True)
X_val, y_val = X[2200:], y[2200:]

model = nn.Sequential(
    nn.Linear(8, 48),
    nn.SiLU(),
    nn.Linear(48, 48),
    nn.SiLU(),
    nn.Linear(48, 1),
)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.HuberLoss()

for epoch in range(12):
    model.train()
    epoch_loss = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb).squeeze(1), yb)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    model.eval()
    with torch.no_grad():
        residual = model(X_val).squeeze(1) - y_val
    r2 = 1 - (residual.var() / y_val.var()).item()
    print(f"[{epoch + 1:02d}] loss {epoch_loss / len(train_loader):.4f} r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
