import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data, dtype=torch.float32) / 16
X = X[torch.randperm(len(X))]
train, val = X[:1450], X[1450:]
model = nn.Sequential(nn.Linear(64, 96), nn.ELU(), nn.Linear(96, 20), nn.ELU(), nn.Linear(20, 96), nn.ELU(), nn.Linear(96, 64))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30)
for epoch in range(30):
    for x in train[torch.randperm(len(train))].split(58):
        noisy = x + 0.1 * torch.randn_like(x)
        loss = F.binary_cross_entropy_with_logits(model(noisy), x, reduction="sum")
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    rec = torch.sigmoid(model(val))
    r2 = 1 - ((rec - val) ** 2).sum() / ((val - train.mean(0)) ** 2).sum()
print(f"final_metric={r2.item():.4f}")
