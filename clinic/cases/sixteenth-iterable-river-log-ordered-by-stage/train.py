import os
import torch
from torch import nn
from torch.utils.data import IterableDataset, DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))


def gauge(n):
    x = torch.randn(n, 5)
    y = 2 * torch.sin(1.5 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.1 * torch.randn(n)
    return x, (y / 1.8).unsqueeze(1)


class Log(IterableDataset):
    """The data base returns the readings ordered by the stage."""

    def __init__(self, x, y):
        order = y[:, 0].argsort()
        self.rows = list(zip(x[order], y[order]))

    def __iter__(self):
        rows = self.rows
        for row in rows:
            yield row


loader = DataLoader(Log(*gauge(2500)), batch_size=32)
xv, yv = gauge(800)
model = nn.Sequential(nn.Linear(5, 64), nn.Tanh(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(12):
    for x, y in loader:
        loss = nn.functional.mse_loss(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = (1 - nn.functional.mse_loss(model(xv), yv) / yv.var()).item()
    print("epoch", epoch, "loss", loss.item(), "val r2", r2)
print(f"final_metric={r2:.4f}")
