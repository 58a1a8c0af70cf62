import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)


def spiral(n_per_arm, arms=3, noise=0.12):
    xs, ys = [], []
    for k in range(arms):
        r = np.sqrt(np.random.rand(n_per_arm))
        t = 7.5 * r + 2 * np.pi * k / arms + noise * np.random.randn(n_per_arm)
        xs.append(np.stack([r * np.cos(t), r * np.sin(t)], 1) * 2)
        ys.append(np.full(n_per_arm, k))
    return (torch.tensor(np.concatenate(xs), dtype=torch.float32),
            torch.tensor(np.concatenate(ys), dtype=torch.long))


Xtr, ytr = spiral(1365)
Xva, yva = spiral(700)

batch_size = 256
train_dl = DataLoader(TensorDataset(Xtr, ytr), batch_size=batch_size, shuffle=True)
val_dl = DataLoader(TensorDataset(Xva, yva), batch_size=1024)

net = nn.Sequential(nn.Linear(2, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.8)
loss_fn = nn.CrossEntropyLoss()


def train_one_epoch():
    net.train()
    total = 0.0
    for xb, yb in train_dl:
        loss = loss_fn(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(xb)
    return total / len(Xtr)


@torch.no_grad()
def evaluate():
    net.eval()
    hits = sum((net(xb).argmax(1) == yb).sum().item() for xb, yb in val_dl)
    return hits / len(Xva)


for epoch in range(75):
    tl = train_one_epoch()
    acc = evaluate()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", round(tl, 3), "val acc", round(acc, 3))

print("final_metric=%.4f" % acc)
