import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer, make_moons
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = make_moons(2000, noise=0.1, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
train_loader = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=50, shuffle=True)

model = nn.Sequential(nn.Linear(2, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
scheduler = ExponentialLR(optimizer, gamma=0.85)


def train_one_epoch():
    total = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    return total / len(train_loader)


for epoch in range(20):
    mean_loss = train_one_epoch()
    print(f"epoch {epoch} train loss {mean_loss:.4f}")
with torch.no_grad():
    print("final_metric=%.4f" % (model(X[1500:]).argmax(1) == y[1500:]).float().mean())
