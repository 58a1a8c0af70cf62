import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X, y = torch.tensor(d.data, dtype=torch.float32) / 16, torch.tensor(d.target)
p = torch.randperm(len(X))
X, y = X[p], y[p]
mean = X[:1400].mean(0)
X = X - mean
loader = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=50, shuffle=True)
model = nn.Linear(64, 10)
nn.init.zeros_(model.weight)
nn.init.zeros_(model.bias)
opt = torch.optim.SGD(model.parameters(), lr=1.0)
ce = nn.CrossEntropyLoss()
for epoch in range(15):
    tot = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = ce(model(xb), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        out = model(X[1400:])
        acc = (out.argmax(1) == y[1400:]).float().mean().item()
    print(f"epoch {epoch} train {tot / len(loader):.4f} test {ce(out, y[1400:]).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
