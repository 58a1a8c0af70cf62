import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(60) / 60 ** 0.5


def sample(n):
    x = torch.randn(n, 60)
    return x, torch.bernoulli(torch.sigmoid(2.5 * x @ w))


class Trainer:
    def __init__(self):
        self.model = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(60, 96), nn.ReLU(), nn.Dropout(0.6), nn.Linear(96, 1)
        )
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=2e-3)
        self.criterion = nn.BCEWithLogitsLoss()

    def train_epoch(self, x, y):
        self.model.train()
        losses = []
        for idx in torch.randperm(len(x)).split(32):
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x[idx]).squeeze(1), y[idx])
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    @torch.no_grad()
    def evaluate(self, x, y):
        self.model.eval()
        return self.criterion(self.model(x).squeeze(1), y).item()

    def fit(self, train, valid, epochs):
        self.model.train()
        for epoch in range(epochs):
            loss = self.train_epoch(*train)
            val = self.evaluate(*valid)
            print(f"epoch {epoch} train {loss:.4f} valid {val:.4f}")
        return val


trainer = Trainer()
nll = trainer.fit(sample(600), sample(3000), epochs=18)
print(f"final_metric={-nll:.4f}")
