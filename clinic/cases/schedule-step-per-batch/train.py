import os

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def arms(n, k=3):
    """k-armed spiral"""
    lab = np.random.randint(0, k, n)
    r = np.random.uniform(0.1, 1.0, n)
    a = 4.0 * r + 2 * np.pi * lab / k + np.random.normal(0, 0.12, n)
    p = np.stack([r * np.cos(a), r * np.sin(a)], axis=1) / 0.45
    return TensorDataset(torch.tensor(p, dtype=torch.float32), torch.tensor(lab))


def train_one_epoch(model, loader, criterion, optimizer, scheduler):
    model.train()
    running = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        running += loss.item()
    return running / len(loader)


def evaluate(model, loader):
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for x, y in loader:
            ok += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return ok / n


train_loader = DataLoader(arms(1500), batch_size=50, shuffle=True)
val_loader = DataLoader(arms(600), batch_size=300)
model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = StepLR(optimizer, step_size=6, gamma=0.5)

for epoch in range(20):
    loss = train_one_epoch(model, train_loader, criterion, optimizer, scheduler)
    print(f"epoch {epoch:02d} loss {loss:.4f} val acc {evaluate(model, val_loader):.4f}")

print(f"final_metric={evaluate(model, val_loader):.4f}")
