import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
STEPS, WARMUP = 500, 25


def tokens(n):
    x = torch.randint(0, 16, (n, 10))
    y = (x + x.roll(1, 1)) % 16
    y[:, 0] = x[:, 0]
    return x, y


class Model(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(16, d)
        self.conv = nn.Conv1d(d, 96, 2)
        self.out = nn.Linear(96, 16)

    def forward(self, x):
        h = self.emb(x).transpose(1, 2)
        h = nn.functional.pad(h, (1, 0))
        return self.out(torch.relu(self.conv(h)).transpose(1, 2))


def lr_lambda(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    progress = (step - WARMUP) / (STEPS - WARMUP)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lr_lambda)
for step in range(STEPS):
    x, y = tokens(64)
    loss = nn.functional.cross_entropy(model(x).transpose(1, 2), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 50 == 0:
        print(step, loss.item(), sched.get_last_lr()[0])
with torch.no_grad():
    x, y = tokens(500)
    acc = (model(x).argmax(-1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
