import os
import torch
from torch import nn


class Config:
    seed = int(os.environ.get("SEED", 0))
    epochs = 12
    batch = 50
    lr = 0.02


class Trainer:
    """Encoder + predictor, each with its own optimizer."""

    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        self.encoder = nn.Sequential(nn.Linear(8, 40), nn.Tanh(), nn.Linear(40, 12), nn.Tanh())
        self.predictor = nn.Linear(12, 1)
        self.opt_e = torch.optim.SGD(self.encoder.parameters(), lr=cfg.lr, momentum=0.8)
        self.opt_p = torch.optim.SGD(self.predictor.parameters(), lr=cfg.lr, momentum=0.8)
        x = torch.randn(3000, 8)
        y = torch.tanh(x[:, :1] * 2) * x[:, 1:2] + 0.5 * x[:, 2:3] ** 2 - 0.5 + 0.05 * torch.randn(3000, 1)
        self.train_set, self.val_set = (x[:2500], y[:2500]), (x[2500:], y[2500:])

    def fit(self):
        x, y = self.train_set
        for epoch in range(self.cfg.epochs):
            for rows in torch.randperm(len(x)).split(self.cfg.batch):
                self.opt_p.zero_grad()
                self.opt_p.zero_grad()
                loss = nn.functional.mse_loss(self.predictor(self.encoder(x[rows])), y[rows])
                loss.backward()
                self.opt_p.step()
                self.opt_e.step()
            print("epoch", epoch, "last loss", loss.item(), "val r2", self.validate())

    @torch.no_grad()
    def validate(self):
        x, y = self.val_set
        mse = nn.functional.mse_loss(self.predictor(self.encoder(x)), y)
        return (1 - mse / y.var()).item()


trainer = Trainer(Config())
trainer.fit()
print(f"final_metric={trainer.validate():.4f}")
