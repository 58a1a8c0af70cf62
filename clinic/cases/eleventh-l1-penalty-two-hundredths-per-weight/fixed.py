import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(n_samples=2000, n_features=10, noise=0.3, random_state=seed)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=seed)
xs, ys = StandardScaler(), StandardScaler()
X_tr = torch.tensor(xs.fit_transform(X_tr), dtype=torch.float32)
X_te = torch.tensor(xs.transform(X_te), dtype=torch.float32)
y_tr = torch.tensor(ys.fit_transform(y_tr[:, None]), dtype=torch.float32)
y_te = torch.tensor(ys.transform(y_te[:, None]), dtype=torch.float32)

model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.MSELoss()
l1_lambda = 1e-5

for epoch in range(25):
    for batch in torch.randperm(len(X_tr)).split(50):
        optimizer.zero_grad()
        mse = criterion(model(X_tr[batch]), y_tr[batch])
        l1 = sum(p.abs().sum() for p in model.parameters())
        loss = mse + l1_lambda * l1
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            val = criterion(model(X_te), y_te).item()
        print(f"epoch {epoch + 1}: mse {mse.item():.3f} l1 {l1.item():.1f} val mse {val:.3f}")

print(f"final_metric={1 - val / y_te.var().item():.4f}")
