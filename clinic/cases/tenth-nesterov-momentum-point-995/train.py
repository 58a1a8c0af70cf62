import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
X = torch.tensor(X, dtype=torch.float32)
X = (X - X.mean()) / X.std()
y = torch.tensor(y)
perm = torch.randperm(len(X))
X, y = X[perm], y[perm]
hp = {"lr": 0.02, "momentum": 0.995, "nesterov": True, "epochs": 8, "batch": 32}


class Trainer:
    def __init__(self, model, hp):
        self.model = model
        self.hp = hp
        self.loss_fn = nn.CrossEntropyLoss()
        self.optim = torch.optim.SGD(model.parameters(), lr=hp["lr"], momentum=hp["momentum"], nesterov=hp["nesterov"])

    def fit(self, train_dl, val):
        for epoch in range(self.hp["epochs"]):
            self.model.train()
            tot = 0.0
            for xb, yb in train_dl:
                self.optim.zero_grad()
                loss = self.loss_fn(self.model(xb), yb)
                loss.backward()
                self.optim.step()
                tot += loss.item()
            acc = self.score(*val)
            print(f"epoch {epoch}: loss {tot / len(train_dl):.4f} val acc {acc:.4f}")
        return acc

    @torch.no_grad()
    def score(self, X, y):
        self.model.eval()
        return (self.model(X).argmax(1) == y).float().mean().item()


model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
dl = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=hp["batch"], shuffle=True)
acc = Trainer(model, hp).fit(dl, (X[1400:], y[1400:]))
print(f"final_metric={acc:.4f}")
