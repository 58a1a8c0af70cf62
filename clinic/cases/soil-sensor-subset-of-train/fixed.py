import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def field(n):
    """16 soil readings -> standardised crop yield; the measurement of the yield itself is poor."""
    x = torch.randn(n, 16)
    clean = torch.tanh(x[:, 0] + 0.7 * x[:, 1]) + 0.4 * x[:, 2] * (x[:, 3] > 0)
    return x, ((clean + 0.9 * torch.randn(n)) / 1.2).unsqueeze(1), clean


class EarlyStopping:
    def __init__(self, patience=4):
        self.patience, self.best, self.wait, self.state = patience, float("inf"), 0, None

    def step(self, value, model):
        if value < self.best:
            self.best, self.wait = value, 0
            self.state = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            self.wait += 1
        return self.wait >= self.patience


x, y, _ = field(640)
dataset = TensorDataset(x, y)
perm = torch.randperm(len(dataset)).tolist()
val_set = Subset(dataset, perm[:128])
train_set = Subset(dataset, perm[128:])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=128)

model = nn.Sequential(nn.Linear(16, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.008, momentum=0.9)
mse = nn.MSELoss()
stopper = EarlyStopping()

for epoch in range(70):
    model.train()
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = mse(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = sum(mse(model(xb), yb).item() for xb, yb in val_loader)
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
    if stopper.step(val, model):
        print("early stop")
        break

model.load_state_dict(stopper.state)
model.eval()
tx, ty, _ = field(3000)
with torch.no_grad():
    r2 = 1 - mse(model(tx), ty).item() / ty.var().item()
print(f"final_metric={r2:.4f}")
