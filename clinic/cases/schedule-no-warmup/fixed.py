"""Digit images read row by row by a post-norm transformer; Adam, linear decay from the peak lr, per step."""
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

STEPS, PEAK, BATCH = 300, 0.02, 48

data, target = load_digits(return_X_y=True)
data = torch.tensor((data - data.mean()) / data.std(), dtype=torch.float32).view(-1, 8, 8)
target = torch.tensor(target)
perm = torch.randperm(len(data))
train_idx, val_idx = perm[:1400], perm[1400:]


class RowTransformer(nn.Module):
    def __init__(self, d=32, depth=4):
        super().__init__()
        self.inp = nn.Linear(8, d)
        self.pos = nn.Parameter(torch.randn(8, d) * 0.1)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, depth)
        self.out = nn.Linear(d, 10)

    def forward(self, x):
        return self.out(self.enc(self.inp(x) + self.pos).mean(dim=1))


def lr_factor(step):
    return min((step + 1) / 100, max(0.02, 1 - step / STEPS))


def validate(model):
    model.eval()
    with torch.no_grad():
        acc = (model(data[val_idx]).argmax(1) == target[val_idx]).float().mean().item()
    model.train()
    return acc


model = RowTransformer()
optimizer = torch.optim.Adam(model.parameters(), lr=PEAK, betas=(0.9, 0.98))
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_factor)

for step in range(STEPS):
    b = train_idx[torch.randint(0, len(train_idx), (BATCH,))]
    loss = F.cross_entropy(model(data[b]), target[b])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % 50 == 49:
        print(f"step {step + 1:4d}  lr {scheduler.get_last_lr()[0]:.4f}  loss {loss.item():.4f}  val acc {validate(model):.4f}")

print(f"final_metric={validate(model):.4f}")
