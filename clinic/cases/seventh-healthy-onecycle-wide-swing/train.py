import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_moons

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_moons(3000, noise=0.15, random_state=SEED)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y).float()
loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=40, shuffle=True)
model = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1), nn.Flatten(0))
EPOCHS = 10
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, epochs=EPOCHS, steps_per_epoch=len(loader))
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(EPOCHS):
    for xb, yb in loader:
        opt.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
    with torch.no_grad():
        z = model(X[2400:])
    acc = ((z > 0) == (y[2400:] > 0)).float().mean().item()
    print(f"epoch {epoch} lr {sched.get_last_lr()[0]:.4f} loss {loss.item():.4f} val {loss_fn(z, y[2400:]).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
