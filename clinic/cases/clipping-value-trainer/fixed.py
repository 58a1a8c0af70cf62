import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model, optimizer, loss_fn, grad_clip=None, scheduler=None):
        self.model = model
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.grad_clip = grad_clip
        self.scheduler = scheduler

    def training_step(self, batch):
        x, y = batch
        loss = self.loss_fn(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        if self.grad_clip is not None:
            nn.utils.clip_grad_value_(self.model.parameters(), self.grad_clip)
        self.optimizer.step()
        return loss.item()

    def validation(self, loader):
        self.model.eval()
        se = n = 0.0
        with torch.no_grad():
            for x, y in loader:
                se += ((self.model(x) - y) ** 2).sum().item()
                n += y.numel()
        self.model.train()
        return se / n

    def fit(self, train_loader, val_loader, epochs):
        self.model.train()
        for e in range(epochs):
            losses = [self.training_step(b) for b in train_loader]
            if self.scheduler:
                self.scheduler.step()
            self.val_mse = self.validation(val_loader)
            print(f"epoch {e}: train {np.mean(losses):.4f} val {self.val_mse:.4f}")


def reaction(n, rng):
    c = rng.uniform(-1, 1, (n, 5))
    out = np.stack([np.tanh(3 * c[:, 0] * c[:, 1]) + c[:, 2], np.cos(3 * c[:, 3]) - c[:, 4] ** 2], 1)
    return c, out


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
X, Y = reaction(2000, rng)
X, Y = X / 0.577, (Y - Y.mean(0)) / Y.std(0)
X, Y = torch.tensor(X, dtype=torch.float32), torch.tensor(Y, dtype=torch.float32)
train = DataLoader(TensorDataset(X[:1600], Y[:1600]), batch_size=40, shuffle=True)
val = DataLoader(TensorDataset(X[1600:], Y[1600:]), batch_size=400)

model = nn.Sequential(nn.Linear(5, 64), nn.Tanh(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
trainer = Trainer(model, opt, nn.MSELoss(), grad_clip=1.0,
                  scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=25))
trainer.fit(train, val, epochs=25)
r2 = 1 - trainer.val_mse / Y[1600:].var(0).mean().item()
print(f"final_metric={r2:.4f}")
