import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_friedman1(2600, 8, noise=0.5, random_state=SEED)
X = torch.tensor((X - 0.5) / 0.29, dtype=torch.float32)
y = torch.tensor((y - y[:2000].mean()) / y[:2000].std(), dtype=torch.float32)
dl = DataLoader(TensorDataset(X[:2000], y[:2000]), batch_size=40, shuffle=True)
EPOCHS = 15


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 64), nn.Linear(64, 64), nn.Linear(64, 1)

    def forward(self, x):
        h = nn.functional.gelu(self.a(x))
        h = h + nn.functional.gelu(self.b(h))
        return self.c(h).squeeze(-1)


net = Regressor()
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=5e-3, epochs=EPOCHS, steps_per_epoch=len(dl))
for epoch in range(EPOCHS):
    for xb, yb in dl:
        opt.zero_grad()
        loss = nn.functional.huber_loss(net(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
    with torch.no_grad():
        r2 = 1 - (net(X[2000:]) - y[2000:]).pow(2).mean() / y[2000:].var()
    print(f"{epoch} {loss.item():.4f} {r2.item():.4f} lr {sched.get_last_lr()[0]:.5f}")
print(f"final_metric={r2.item():.4f}")
