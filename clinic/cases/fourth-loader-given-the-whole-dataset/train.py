import copy
import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))


def molecules(n):
    fingerprint = (torch.rand(n, 60) < 0.3).float()
    activity = (fingerprint[:, :6].sum(1) - 1.8) / 1.2 + 0.9 * torch.randn(n)
    return TensorDataset(fingerprint - 0.3, activity[:, None])


class HandMadeTrainer:
    def __init__(self, model, epochs, lr):
        self.model, self.epochs = model, epochs
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)
        self.bad, self.best, self.best_state = 0, float("inf"), None

    def validate(self, loader):
        self.model.eval()
        with torch.no_grad():
            return sum(nn.functional.mse_loss(self.model(x), y, reduction="sum").item() for x, y in loader) / len(loader.dataset)

    def fit(self, train_loader, val_loader):
        for epoch in range(self.epochs):
            self.model.train()
            for x, y in train_loader:
                loss = nn.functional.mse_loss(self.model(x), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
            val = self.validate(val_loader)
            if val < self.best:
                self.best, self.best_state, self.bad = val, copy.deepcopy(self.model.state_dict()), 0
            else:
                self.bad += 1
                if self.bad >= 2:
                    break
            print(f"epoch {epoch} val {val:.4f}")
        self.model.load_state_dict(self.best_state)


dataset = molecules(500)
train_part, val_part = random_split(dataset, [400, 100])
model = nn.Sequential(nn.Linear(60, 200), nn.ReLU(), nn.Linear(200, 1))
trainer = HandMadeTrainer(model, epochs=80, lr=3e-3)
trainer.fit(DataLoader(dataset, batch_size=25, shuffle=True), DataLoader(val_part, batch_size=100))
unseen = molecules(1000)
mse = trainer.validate(DataLoader(unseen, batch_size=1000))
print(f"final_metric={1 - mse / unseen.tensors[1].var().item():.4f}")
