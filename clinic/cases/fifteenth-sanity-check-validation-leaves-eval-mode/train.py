import os

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn


class LitModule(nn.Module):
    """poor man's Lightning"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm1d(30), nn.Linear(30, 32), nn.BatchNorm1d(32), nn.Tanh(), nn.Linear(32, 2)
        )

    def training_step(self, x, y):
        return nn.functional.cross_entropy(self.body(x), y)

    @torch.no_grad()
    def validation_step(self, x, y):
        out = self.body(x)
        return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)


class MiniTrainer:
    def __init__(self, max_epochs):
        self.max_epochs = max_epochs

    def validate(self, module, x, y):
        module.eval()
        return module.validation_step(x, y)

    def fit(self, module, x, y, xv, yv):
        opt = module.configure_optimizers()
        print("sanity check", self.validate(module, xv, yv))
        for epoch in range(self.max_epochs):
            for b in torch.randperm(len(x)).split(32):
                if len(b) < 2:
                    continue
                loss = module.training_step(x[b], y[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
            val = self.validate(module, xv, yv)
            print(f"epoch {epoch} loss {loss.item():.3f} val loss {val[0]:.3f} val acc {val[1]:.3f}")
        return val


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_breast_cancer(return_X_y=True)
xtr, xva, ytr, yva = train_test_split(torch.tensor(X, dtype=torch.float32), torch.tensor(y), test_size=0.3, random_state=seed)
result = MiniTrainer(20).fit(LitModule(), xtr, ytr, xva, yva)
print(f"final_metric={-result[0]:.4f}")
