import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32)[:, None] / 8 - 0.6
y = torch.tensor(d.target)
order = torch.randperm(len(x))
train_idx, val_idx = order[:1400], order[1400:]


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.GroupNorm(4, o), nn.ReLU())


model = nn.Sequential(block(1, 16), nn.MaxPool2d(2), block(16, 32), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10))
opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=3)
for epoch in range(4):
    model.train()
    for b in train_idx[torch.randperm(1400)].split(4):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x[val_idx]).argmax(1) == y[val_idx]).float().mean().item()
    print(epoch, acc)
print(f"final_metric={acc:.4f}")
