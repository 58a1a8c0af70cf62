import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, max_epochs, gradient_clip_val=None):
        self.max_epochs, self.clip = max_epochs, gradient_clip_val

    def fit(self, module, train_dl, val_dl):
        opt = module.configure_optimizers()
        for epoch in range(self.max_epochs):
            module.train()
            for batch in train_dl:
                loss = module.training_step(batch)
                opt.zero_grad()
                loss.backward()
                if self.clip is not None:
                    nn.utils.clip_grad_norm_(module.parameters(), self.clip)
                opt.step()
            module.eval()
            with torch.no_grad():
                module.score = sum(module.validation_step(b) for b in val_dl) / len(val_dl)
            print(f"epoch={epoch} loss={loss.item():.4f} val_acc={module.score:.4f}")


class Leaf(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(14, 64), nn.ReLU(), nn.Linear(64, 5))

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def validation_step(self, batch):
        x, y = batch
        return (self(x).argmax(1) == y).float().mean().item()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)


torch.manual_seed(int(os.environ.get("SEED", 0)))
centre = torch.randn(15, 14) * 1.2
c = torch.randint(0, 15, (3000,))
x, y = (centre[c] + 0.8 * torch.randn(3000, 14)) / 1.45, c % 5
leaf = Leaf()
Trainer(max_epochs=10, gradient_clip_val=1e-3).fit(
    leaf,
    DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=40, shuffle=True),
    DataLoader(TensorDataset(x[2400:], y[2400:]), batch_size=200))
print(f"final_metric={leaf.score:.4f}")
