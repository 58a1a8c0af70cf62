import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def survey(n):
    """seven yes/no questions -> risk group, answers of different people are often the same"""
    a = torch.randint(0, 2, (n, 7)).float()
    risk = 2 * a[:, 0] * a[:, 1] + a[:, 2] * (1 - a[:, 3]) + a[:, 4]
    return a * 2 - 1, risk.clamp(max=2).long()


x, y = survey(1500)
xv, yv = survey(400)
net = nn.Sequential(nn.Linear(7, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for ep in range(15):
    for b in torch.randperm(1500).split(50):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(ep, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (net(xv).argmax(1) == yv).float().mean())
