import os
import torch
from torch import nn
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_circles(3000, noise=0.1, factor=0.5, random_state=seed)
X = torch.tensor(X / X.std(), dtype=torch.float32)
y = torch.tensor(y)
train_ds, (Xt, yt) = TensorDataset(X[:2400], y[:2400]), (X[2400:], y[2400:])
loader = DataLoader(train_ds, batch_size=len(train_ds), shuffle=True)

model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(20):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(Xt).argmax(1) == yt).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
