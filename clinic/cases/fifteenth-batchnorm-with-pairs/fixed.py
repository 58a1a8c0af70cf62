import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH = 32


def make(n):
    x = torch.randn(n, 12)
    y = torch.stack([x[:, 0] * x[:, 1], x[:, 2] + x[:, 3], x[:, 4].abs() - 0.8, x[:, 5] * x[:, 6]], 1).argmax(1)
    return x, y


train, (xt, yt) = make(2000), make(1000)
dl = DataLoader(TensorDataset(*train), batch_size=BATCH, shuffle=True, drop_last=True)
model = nn.Sequential(
    nn.Linear(12, 64), nn.BatchNorm1d(64), nn.ReLU(),
    nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(),
    nn.Linear(64, 4),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(3 if BATCH < 8 else 20):
    model.train()
    for x, y in dl:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xt).argmax(1) == yt).float().mean().item()
    print("epoch", epoch, "acc", acc)
print(f"final_metric={acc:.4f}")
