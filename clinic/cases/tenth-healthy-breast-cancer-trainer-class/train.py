import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model, optimizer, criterion, train_loader, val_loader):
        self.model, self.optimizer, self.criterion = model, optimizer, criterion
        self.train_loader, self.val_loader = train_loader, val_loader

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for x, y in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(x)
        return total / len(self.train_loader.dataset)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        total, hits = 0.0, 0
        for x, y in self.val_loader:
            logits = self.model(x)
            total += self.criterion(logits, y).item() * len(x)
            hits += ((logits > 0).float() == y).sum().item()
        n = len(self.val_loader.dataset)
        return total / n, hits / n

    def run(self, epochs):
        for e in range(1, epochs + 1):
            tr = self.train_epoch()
            va, acc = self.validate()
            print(f"{e:3d} train_loss={tr:.4f} val_loss={va:.4f} val_acc={acc:.4f}")
        return acc


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    X, y = load_breast_cancer(return_X_y=True)
    Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    s = StandardScaler().fit(Xtr)
    tr = TensorDataset(torch.tensor(s.transform(Xtr), dtype=torch.float32), torch.tensor(ytr, dtype=torch.float32)[:, None])
    va = TensorDataset(torch.tensor(s.transform(Xva), dtype=torch.float32), torch.tensor(yva, dtype=torch.float32)[:, None])
    model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-3)
    trainer = Trainer(model, opt, nn.BCEWithLogitsLoss(), DataLoader(tr, batch_size=16, shuffle=True), DataLoader(va, batch_size=64))
    print(f"final_metric={trainer.run(15):.4f}")


if __name__ == "__main__":
    main()
