import copy
import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class EarlyStopping:
    def __init__(self, patience=4):
        self.patience, self.best, self.bad, self.state = patience, float("inf"), 0, None

    def __call__(self, value, model):
        if value < self.best - 1e-4:
            self.best, self.bad, self.state = value, 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


d = load_digits()
X = torch.tensor(d.data / 16 - 0.3, dtype=torch.float32)
y = torch.tensor(d.target)
X = X + 0.1 * torch.randn_like(X)
perm = torch.randperm(len(X))
train_ds = TensorDataset(X[perm[:1200]], y[perm[:1200]])
val_ds = TensorDataset(X[perm[1200:]], y[perm[1200:]])
train_loader, val_loader = DataLoader(train_ds, 50, shuffle=True), DataLoader(val_ds, 200)

model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
stopper = EarlyStopping()
for epoch in range(40):
    model.train()
    for xb, yb in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(xb), yb).backward()
        optimizer.step()
    model.eval()
    val_loss = correct = 0
    with torch.no_grad():
        for xb, yb in val_loader:
            out = model(xb)
            val_loss += nn.functional.cross_entropy(out, yb, reduction="sum").item()
            correct += (out.argmax(1) == yb).sum().item()
    val_loss /= len(val_ds)
    print(f"epoch {epoch:2d} val loss {val_loss:.4f} acc {correct / len(val_ds):.4f}")
    if stopper(val_loss, model):
        print("early stop")
        break

model.load_state_dict(stopper.state)
with torch.no_grad():
    xb, yb = val_ds.tensors
    acc = (model(xb).argmax(1) == yb).float().mean().item()
print(f"final_metric={acc:.4f}")
