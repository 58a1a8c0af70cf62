import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
p = torch.randperm(len(y))
loader = DataLoader(TensorDataset(X[p[:120]], y[p[:120]]), batch_size=24, shuffle=True)
model = nn.Sequential(nn.BatchNorm1d(13, affine=False), nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(25):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(X[p[120:]]).argmax(1) == y[p[120:]]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
