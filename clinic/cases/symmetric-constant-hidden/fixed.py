import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def reset_parameters(module):
    """same reproducible start for every run"""
    if isinstance(module, nn.Linear):
        nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


def loaders():
    d = load_digits()
    x = (d.images.astype(np.float32) - 4.88) / 6.02
    a, b, ya, yb = train_test_split(x, d.target, test_size=0.25, random_state=seed)
    tr = TensorDataset(torch.from_numpy(a), torch.from_numpy(ya))
    va = TensorDataset(torch.from_numpy(b), torch.from_numpy(yb))
    return DataLoader(tr, batch_size=64, shuffle=True), DataLoader(va, batch_size=450)


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def validate(model, loader):
    model.eval()
    with torch.no_grad():
        accs = [(model(x).argmax(1) == y).float().mean().item() for x, y in loader]
    return sum(accs) / len(accs)


model = nn.Sequential(nn.Flatten(), nn.Linear(64, 50), nn.LeakyReLU(), nn.Linear(50, 30), nn.LeakyReLU(), nn.Linear(30, 10))
model.apply(reset_parameters)
train_loader, val_loader = loaders()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [12, 17], gamma=0.3)

for epoch in range(20):
    tl = train_one_epoch(model, train_loader, criterion, optimizer)
    scheduler.step()
    print(f"Epoch {epoch + 1}/20 - loss: {tl:.4f} - val_acc: {validate(model, val_loader):.4f}")
print(f"final_metric={validate(model, val_loader):.4f}")
