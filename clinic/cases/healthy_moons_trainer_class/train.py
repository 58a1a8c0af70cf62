import os
from dataclasses import dataclass, field

import torch
import torch.nn as nn
from sklearn.datasets import make_moons


@dataclass
class Config:
    seed: int = int(os.environ.get("SEED", 0))
    hidden: int = 32
    lr: float = 0.003
    epochs: int = 25
    batch_size: int = 32
    device: str = "cpu"


class Trainer:
    def __init__(self, model, cfg, train_data, val_data):
        self.model = model.to(cfg.device)
        self.cfg = cfg
        self.train_data = train_data
        self.val_data = val_data
        self.optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
        self.loss_fn = nn.CrossEntropyLoss()
        self.history = {"loss": [], "acc": []}

    def _batches(self):
        X, y = self.train_data
        for idx in torch.randperm(len(X)).split(self.cfg.batch_size):
            yield X[idx], y[idx]

    def training_step(self, batch):
        X, y = batch
        return self.loss_fn(self.model(X), y)

    def fit(self):
        for _ in range(self.cfg.epochs):
            self.model.train()
            total = 0.0
            for batch in self._batches():
                self.optimizer.zero_grad(set_to_none=True)
                loss = self.training_step(batch)
                loss.backward()
                self.optimizer.step()
                total += loss.item()
            self.history["loss"].append(total)
            self.history["acc"].append(self.validate())
        return self.history

    @torch.inference_mode()
    def validate(self):
        self.model.eval()
        X, y = self.val_data
        return (self.model(X).argmax(-1) == y).float().mean().item()


if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    X, y = make_moons(1500, noise=0.15, random_state=cfg.seed)
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y)
    net = nn.Sequential(nn.Linear(2, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 2))
    hist = Trainer(net, cfg, (X[:1000], y[:1000]), (X[1000:], y[1000:])).fit()
    print(f"final_metric={hist['acc'][-1]:.4f}")
