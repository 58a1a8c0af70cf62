import os
import math
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(int(os.environ.get("SEED", 0)))
WARMUP_STEPS, EPOCHS, PER_EPOCH = 150, 8, 60


def rate(step):
    step = step + 1
    return min(step / WARMUP_STEPS, math.sqrt(WARMUP_STEPS / step))


def copy_task(n, L=6, V=9):
    x = torch.randint(0, V, (n, L))
    return x, x.sort(dim=1).values


class Sorter(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.e = nn.Embedding(9, d)
        self.p = nn.Parameter(0.1 * torch.randn(6, d))
        self.t = nn.TransformerEncoderLayer(d, 4, 64, 0.0, batch_first=True, norm_first=True)
        self.o = nn.Linear(d, 9)

    def forward(self, x):
        return self.o(self.t(self.e(x) + self.p))


model = Sorter()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = LambdaLR(optimizer, rate)
xv, yv = copy_task(500)
for epoch in range(EPOCHS):
    for _ in range(PER_EPOCH):
        x, y = copy_task(64)
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        acc = (model(xv).argmax(-1) == yv).float().mean().item()
    print(epoch, "lr", scheduler.get_last_lr()[0], "loss", loss.item(), "acc", acc)
print(f"final_metric={acc:.4f}")
