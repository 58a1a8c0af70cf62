import os
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(10000, noise=0.18, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
train_loader = DataLoader(TensorDataset(X[:8000], y[:8000]), batch_size=8000, shuffle=True)
test_loader = DataLoader(TensorDataset(X[8000:], y[8000:]), batch_size=1000)
model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(40):
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    hits = 0
    with torch.no_grad():
        for xb, yb in test_loader:
            hits += (model(xb).argmax(1) == yb).sum().item()
    print(f"epoch {epoch} loss {loss.item():.4f} test acc {hits / 2000:.4f}")
print(f"final_metric={hits / 2000:.4f}")
