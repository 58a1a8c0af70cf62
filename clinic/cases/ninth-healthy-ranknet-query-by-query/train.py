import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def query(docs=14):
    x = torch.randn(docs, 9)
    rel = (x[:, 0] + torch.relu(x[:, 1]) - 0.7 * x[:, 2] * x[:, 3]) + 0.3 * torch.randn(docs)
    return x, rel


scorer = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(scorer.parameters(), lr=1e-3)
log = []
for step in range(1, 1501):
    x, rel = query()
    s = scorer(x).squeeze(1)
    better = rel[:, None] > rel[None, :]
    loss = F.softplus(-(s[:, None] - s[None, :]))[better].mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    log.append(loss.item())
    if step % 250 == 0:
        print(f"step {step} pair loss {sum(log[-250:]) / 250:.4f}")
good = total = 0
with torch.no_grad():
    for _ in range(200):
        x, rel = query()
        s = scorer(x).squeeze(1)
        better = rel[:, None] > rel[None, :]
        good += ((s[:, None] > s[None, :]) & better).sum().item()
        total += better.sum().item()
print(f"final_metric={good / total:.4f}")
