import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


@dataclass
class Config:
    epochs: int = 12
    batch_size: int = 32
    lr: float = 3e-3
    hidden: int = 48


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.loss_fn = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)

    def batches(self, X, y):
        order = torch.randperm(len(X))
        for start in range(0, len(X), self.cfg.batch_size):
            sel = order[start:start + self.cfg.batch_size]
            yield X[sel], y[sel]

    def train_epoch(self, X, y):
        self.model.train()
        self.optimizer.zero_grad()
        losses = []
        for xb, yb in self.batches(X, y):
            loss = self.loss_fn(self.model(xb), yb)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    @torch.no_grad()
    def evaluate(self, X, y):
        self.model.eval()
        return (self.model(X).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    cfg = Config()
    digits = load_digits()
    # rows of the image as a sequence of eight 8-pixel vectors
    X = torch.tensor(digits.images, dtype=torch.float32) / 16 - 0.3
    y = torch.tensor(digits.target)
    i_tr, i_va = train_test_split(np.arange(len(X)), test_size=0.2, random_state=seed)

    class RowRNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(8, cfg.hidden, batch_first=True)
            self.out = nn.Linear(cfg.hidden, 10)

        def forward(self, x):
            return self.out(self.rnn(x)[0][:, -1])

    trainer = Trainer(RowRNN(), cfg)
    for epoch in range(cfg.epochs):
        tl = trainer.train_epoch(X[i_tr], y[i_tr])
        acc = trainer.evaluate(X[i_va], y[i_va])
        print(f"[{epoch + 1}/{cfg.epochs}] loss={tl:.4f} acc={acc:.4f}")
    print(f"final_metric={acc:.4f}")
