import math
import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, WARM = 12, 40
torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32) / 8 - 0.6
y = torch.tensor(d.target)
p = torch.randperm(len(y))
loader = DataLoader(TensorDataset(x[p[:1400]], y[p[:1400]]), batch_size=50, shuffle=True)


class RowTransformer(nn.Module):
    """Every image row is a token."""

    def __init__(self, dim=32):
        super().__init__()
        self.proj = nn.Linear(8, dim)
        self.pos = nn.Parameter(torch.zeros(8, dim))
        enc = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(enc, 1, enable_nested_tensor=False)
        self.head = nn.Linear(8 * dim, 10)

    def forward(self, x):
        return self.head(self.encoder(self.proj(x) + self.pos).flatten(1))


model = RowTransformer()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
total = EPOCHS * len(loader)


def factor(step):
    if step < WARM:
        return (step + 1) / WARM
    return 0.5 * (1 + math.cos(math.pi * (step - WARM) / (total - WARM)))


sched = torch.optim.lr_scheduler.LambdaLR(opt, factor)
for epoch in range(EPOCHS):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x[p[1400:]]).argmax(1) == y[p[1400:]]).float().mean().item()
    print(epoch, loss.item(), acc, sched.get_last_lr()[0])
print(f"final_metric={acc:.4f}")
