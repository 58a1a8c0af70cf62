import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def survey(n):
    x = torch.randn(n, 6)
    truth = (x[:, 0] * x[:, 1] + 0.5 * x[:, 2] > 0).float()
    flip = torch.rand(n) < 0.12
    return x, torch.where(flip, 1 - truth, truth)


X, y = survey(10000)
Xv, yv = survey(3000)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(7):
    net.train()
    tot = 0.0
    for idx in torch.randperm(10000).split(100):
        opt.zero_grad()
        loss = bce(net(X[idx]).squeeze(1), y[idx])
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        out = net(Xv).squeeze(1)
    acc = ((out > 0).float() == yv).float().mean().item()
    print(epoch, tot / 100, bce(out, yv).item(), acc)
print(f"final_metric={acc / 0.88:.4f}")
