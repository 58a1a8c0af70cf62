import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(384, 48), nn.ReLU(),
        )
        self.digit = nn.Linear(48, 10)
        self.ink = nn.Linear(48, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.digit(h), self.ink(h).squeeze(1)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
x = torch.tensor(d.images / 16, dtype=torch.float32).unsqueeze(1)
ink = x.mean((1, 2, 3))
ink = (ink - ink.mean()) / ink.std()
x = (x - 0.305) / 0.376
y = torch.tensor(d.target)
p = torch.randperm(len(y))
tr, te = p[:1400], p[1400:]
loader = DataLoader(TensorDataset(x[tr], y[tr], ink[tr]), batch_size=50, shuffle=True)
model = MultiTask()
opt = torch.optim.Adam([
    {"params": model.trunk.parameters(), "lr": 1e-3},
    {"params": [*model.digit.parameters(), *model.ink.parameters()], "lr": 3e-3},
])
for epoch in range(6):
    model.train()
    for xb, yb, ib in loader:
        logits, pred = model(xb)
        loss = nn.functional.cross_entropy(logits, yb) + 0.5 * nn.functional.mse_loss(pred, ib)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
model.eval()
with torch.no_grad():
    logits, pred = model(x[te])
acc = (logits.argmax(1) == y[te]).float().mean().item()
r2 = 1 - (pred - ink[te]).square().mean().item() / ink[te].var().item()
print("digit accuracy", acc, "ink r2", r2)
print(f"final_metric={(acc + r2) / 2:.4f}")
