import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

# sensor table: 9 channels, 4 operating states
n = 2000
state = rng.integers(0, 4, n)
centers = rng.normal(0, 1.2, (4, 9))
table = centers[state] + rng.normal(0, 1.0, (n, 9)) + 0.4 * np.sin(3 * centers[state][:, ::-1])
glitch = rng.random(n) < 0.02
table[glitch] += rng.normal(0, 30, (glitch.sum(), 9))

# drop rows with a glitch
keep = np.abs(table).max(axis=1) < 8
table = table[keep]
state = state[keep]

table = (table - table.mean(0)) / table.std(0)
x = torch.tensor(table, dtype=torch.float32)
t = torch.tensor(state)
split = int(0.8 * len(x))
train_dl = DataLoader(TensorDataset(x[:split], t[:split]), batch_size=64, shuffle=True)
val_dl = DataLoader(TensorDataset(x[split:], t[split:]), batch_size=256)

model = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(15):
    model.train()
    tr_loss = 0
    for xb, tb in train_dl:
        opt.zero_grad()
        loss = loss_fn(model(xb), tb)
        loss.backward()
        opt.step()
        tr_loss += loss.item() * len(xb) / split
    model.eval()
    correct = 0
    with torch.no_grad():
        for xb, tb in val_dl:
            correct += (model(xb).argmax(1) == tb).sum().item()
    acc = correct / (len(x) - split)
    print(f"{epoch + 1:2d} train loss {tr_loss:.3f} val acc {acc:.3f}")

print(f"final_metric={acc:.4f}")
