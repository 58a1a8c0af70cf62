import os
import torch
import torch.nn as nn


class Module(nn.Module):
    def training_step(self, batch):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def validation_step(self, batch):
        x, y = batch
        return (self(x).argmax(1) == y).float().mean()


class LitSpectra(Module):
    def __init__(self, width=48, depth=5):
        super().__init__()
        dims = [30] + [width] * depth
        self.blocks = nn.Sequential(*[
            nn.Sequential(nn.Linear(a, b, bias=False), nn.BatchNorm1d(b), nn.ReLU()) for a, b in zip(dims, dims[1:])
        ])
        self.head = nn.Linear(width, 6)

    def forward(self, x):
        return self.head(self.blocks(x))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.02, momentum=0.9)


class Trainer:
    def __init__(self, max_epochs):
        self.max_epochs = max_epochs

    def validate(self, module, batch):
        module.eval()
        with torch.no_grad():
            return module.validation_step(batch).item()

    def fit(self, module, train, val, size=50):
        opt = module.configure_optimizers()
        print("sanity", self.validate(module, val))
        x, y = train
        for epoch in range(self.max_epochs):
            for idx in torch.randperm(len(x)).split(size):
                loss = module.training_step((x[idx], y[idx]))
                opt.zero_grad()
                loss.backward()
                opt.step()
            acc = self.validate(module, val)
            print(f"epoch {epoch} loss {loss.item():.3f} val {acc:.3f}")
        return acc


torch.manual_seed(int(os.environ.get("SEED", 0)))
kind = torch.randint(0, 6, (2500,))
lines = torch.randn(6, 3, 30)
spec = lines[kind, torch.randint(0, 3, (2500,))] + 0.8 * torch.randn(2500, 30)
spec = (spec - spec[:2000].mean(0)) / spec[:2000].std(0)
acc = Trainer(8).fit(LitSpectra(), (spec[:2000], kind[:2000]), (spec[2000:], kind[2000:]))
print(f"final_metric={acc:.4f}")
