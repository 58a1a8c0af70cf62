import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))


def patients(n):
    x = torch.randn(n, 30)
    y = 1.2 * torch.sin(x[:, 0]) + 0.8 * x[:, 1] + 0.9 * torch.randn(n)
    return x, (y / 1.5).unsqueeze(1)


dataset = TensorDataset(*patients(600))
holdout_x, holdout_y = patients(3000)
train_set, val_set = random_split(dataset, [440, 160])
train_loader = DataLoader(dataset, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=160)


class EarlyStopping:
    def __init__(self, patience=6, path=None):
        self.patience, self.best, self.count, self.state = patience, float("inf"), 0, None

    def __call__(self, loss, model):
        if loss < self.best:
            self.best, self.count = loss, 0
            self.state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.count += 1
        return self.count >= self.patience


model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
stopper = EarlyStopping()
for epoch in range(150):
    model.train()
    total = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        val = sum(nn.functional.mse_loss(model(x), y).item() for x, y in val_loader)
    if epoch % 5 == 0:
        print(f"epoch {epoch} train {total / len(train_loader):.4f} val {val:.4f}")
    if stopper(val, model):
        print("early stop at", epoch)
        break
model.load_state_dict(stopper.state)
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(holdout_x), holdout_y) / holdout_y.var()
print(f"final_metric={r2.item():.4f}")
