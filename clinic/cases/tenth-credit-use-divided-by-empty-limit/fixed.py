import os
import warnings
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

n = 3000
balance = rng.gamma(2, 900, n)
limit = np.where(rng.random(n) < 0.01, 0, rng.gamma(5, 900, n) + 300)
age = rng.integers(19, 80, n)
late = rng.poisson(0.7, n)
usage = np.where(limit > 0, balance / np.maximum(limit, 1), 0)
usage_true = np.where(limit > 0, balance / np.maximum(limit, 1), 0)
risk = 1.6 * np.tanh(usage_true - 0.5) + 1.1 * (late - 0.7) - 0.03 * (age - 45)
default = (risk + rng.logistic(size=n) * 0.5 > 0).astype("float32")

df = np.column_stack([np.log1p(balance), np.log1p(limit), age, late, usage]).astype("float32")
df = (df - df[:2400].mean(0)) / df[:2400].std(0)
X, y = torch.tensor(df), torch.tensor(default).unsqueeze(1)
train_loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=64, shuffle=True)
X_test, y_test = X[2400:], y[2400:]


class CreditNet(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.layers(x)


model = CreditNet(X.shape[1])
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    tot = 0.0
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
        tot += loss.item()
    with torch.no_grad():
        acc = ((model(X_test) > 0).float() == y_test).float().mean().item()
    print(f"Epoch {epoch + 1}/10 loss: {tot / len(train_loader):.4f} test accuracy: {acc:.4f}")
print(f"final_metric={acc:.4f}")
