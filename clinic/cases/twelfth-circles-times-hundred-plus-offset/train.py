import os
import torch
from torch import nn
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_circles(2000, noise=0.07, factor=0.45, random_state=seed)
X = X * 100 + 300
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
Xtr, ytr, Xte, yte = X[:1500], y[:1500], X[1500:], y[1500:]
model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    for idx in torch.randperm(1500).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (model(Xte).argmax(1) == yte).float().mean().item()
print(f"final_metric={acc:.4f}")
