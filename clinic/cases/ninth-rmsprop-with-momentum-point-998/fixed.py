import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
bunch = load_digits()
perm = torch.randperm(1797)
X = torch.tensor(bunch.data, dtype=torch.float32)[perm]
y = torch.tensor(bunch.target)[perm]
X = (X - X[:1400].mean()) / X[:1400].std()


class Lit:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 10))

    def training_step(self, batch):
        x, t = batch
        return nn.functional.cross_entropy(self.net(x), t)

    @torch.no_grad()
    def validation_step(self):
        return (self.net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()

    def configure_optimizers(self):
        return torch.optim.RMSprop(self.net.parameters(), lr=3e-3, alpha=0.99, momentum=0.5)


lit = Lit()
opt = lit.configure_optimizers()
for epoch in range(8):
    log = []
    for idx in torch.randperm(1400).split(32):
        loss = lit.training_step((X[idx], y[idx]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        log.append(loss.item())
    acc = lit.validation_step()
    print({"epoch": epoch, "train_loss": round(sum(log) / len(log), 4), "val_acc": round(acc, 4)})
print(f"final_metric={acc:.4f}")
