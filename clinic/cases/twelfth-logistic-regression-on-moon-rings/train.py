import os
import torch
from torch import nn
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_circles(2000, noise=0.08, factor=0.4, random_state=seed)
X = torch.tensor(X).float() / 0.55
y = torch.tensor(y).float().unsqueeze(1)
loader = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=30, shuffle=True)
model = nn.Sequential(nn.Linear(2, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
bce = nn.BCEWithLogitsLoss()
for epoch in range(15):
    for xb, yb in loader:
        opt.zero_grad()
        loss = bce(model(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = ((model(X[1500:]) > 0) == (y[1500:] > 0.5)).float().mean().item()
print(f"final_metric={acc:.4f}")
