import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

digits = load_digits()
X = torch.tensor(digits.data, dtype=torch.float32) / 8 - 1
y = torch.tensor(digits.target)
dataset = TensorDataset(X, y)
train_set, val_set = random_split(dataset, [1400, len(dataset) - 1400])


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.Identity()
        self.fc1 = nn.Linear(dim, dim)
        self.fc2 = nn.Linear(dim, dim)
        for fc in (self.fc1, self.fc2):
            nn.init.kaiming_normal_(fc.weight, nonlinearity="relu")
            nn.init.zeros_(fc.bias)

    def forward(self, x):
        return x + self.fc2(torch.relu(self.fc1(self.norm(x))))


class ResNetMLP(nn.Module):
    def __init__(self, dim=64, blocks=12):
        super().__init__()
        self.stem = nn.Linear(64, dim)
        self.blocks = nn.Sequential(*[Block(dim) for _ in range(blocks)])
        self.head = nn.Linear(dim, 10)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


class Trainer:
    def __init__(self, model, lr=0.005):
        self.model = model
        self.opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        self.loss_fn = nn.CrossEntropyLoss()

    def fit(self, train_loader, val_loader, epochs):
        for epoch in range(epochs):
            self.model.train()
            for xb, yb in train_loader:
                self.opt.zero_grad(set_to_none=True)
                loss = self.loss_fn(self.model(xb), yb)
                loss.backward()
                self.opt.step()
            print(f"epoch={epoch} loss={loss.item():.4g} val={self.score(val_loader):.4f}")

    @torch.no_grad()
    def score(self, loader):
        self.model.eval()
        hits = n = 0
        for xb, yb in loader:
            hits += (self.model(xb).argmax(1) == yb).sum().item()
            n += len(yb)
        return hits / n


trainer = Trainer(ResNetMLP())
val_loader = DataLoader(val_set, batch_size=128)
trainer.fit(DataLoader(train_set, batch_size=50, shuffle=True), val_loader, epochs=8)
print(f"final_metric={trainer.score(val_loader):.4f}")
