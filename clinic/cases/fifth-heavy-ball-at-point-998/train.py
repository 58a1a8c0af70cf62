import os
import math
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0)); torch.manual_seed(SEED)

def terrain(n):
    xy = torch.rand(n, 2) * 2 - 1
    z = torch.sin(2.5 * xy[:, 0]) * torch.cos(2 * xy[:, 1]) + 0.6 * xy[:, 0] * xy[:, 1] + .05 * torch.randn(n)
    return xy * math.sqrt(3), (z / 0.6)[:, None]

X, Z = terrain(4000)
XV, ZV = terrain(800)
net = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.998)
for epoch in range(15):
    total = 0.
    for i in torch.randperm(len(X)).split(64):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), Z[i])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(i) / len(X)
    with torch.no_grad():
        v = nn.functional.mse_loss(net(XV), ZV).item()
    print('epoch', epoch, 'train', round(total, 4), 'val', round(v, 4))
print('final_metric=%.4f' % (1 - v / ZV.var().item()))
