import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split


class Trainer:
    def __init__(self, model, optimizer, train_loader, val_loader):
        self.model, self.optimizer = model, optimizer
        self.train_loader, self.val_loader = train_loader, val_loader

    def train_epoch(self):
        self.model.train()
        for x, y in self.train_loader:
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.model(x), y)
            loss.backward()
            self.optimizer.step()
        return loss.item()

    def validate(self):
        total, right, n = 0.0, 0, 0
        with torch.no_grad():
            for x, y in self.val_loader:
                out = self.model(x)
                total += nn.functional.cross_entropy(out, y, reduction="sum").item()
                right += (out.argmax(1) == y).sum().item()
                n += len(y)
        return total / n, right / n

    def fit(self, epochs):
        for epoch in range(epochs):
            loss = self.train_epoch()
            vl, va = self.validate()
            print(f"epoch {epoch} train_loss {loss:.4f} val_loss {vl:.4f} val_acc {va:.4f}")
        return va


torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6
ds = TensorDataset(x, torch.tensor(d.target))
tr, va = random_split(ds, [1400, len(ds) - 1400])
net = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10))
trainer = Trainer(net, torch.optim.Adam(net.parameters(), lr=3e-3), DataLoader(tr, 32, shuffle=True), DataLoader(va, 64))
print(f"final_metric={trainer.fit(12):.4f}")
