import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor(X, dtype=torch.float32)
X = (X - X.mean()) / X.std()
y = torch.tensor(y)
p = torch.randperm(len(X))
X, y = X[p], y[p]
loader = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=40, shuffle=True)

enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24), nn.ReLU())
cls, dec = nn.Linear(24, 10), nn.Linear(24, 64)
params = [*enc.parameters(), *cls.parameters(), *dec.parameters()]
opt = torch.optim.Adam(params, lr=2e-3)
for epoch in range(10):
    a = b = 0.0
    for xb, yb in loader:
        code = enc(xb)
        loss_cls = F.cross_entropy(cls(code), yb)
        loss_rec = F.mse_loss(dec(code), xb)
        opt.zero_grad()
        loss_cls.backward(retain_graph=True)
        loss_rec.backward()
        opt.step()
        a += loss_cls.item()
        b += loss_rec.item()
    with torch.no_grad():
        code = enc(X[1400:])
        acc = (cls(code).argmax(1) == y[1400:]).float().mean().item()
        rec = F.mse_loss(dec(code), X[1400:]).item()
    print(f"epoch {epoch} cls {a / len(loader):.4f} rec {b / len(loader):.4f} | test acc {acc:.4f} rec {rec:.4f}")
print(f"final_metric={acc:.4f}")
