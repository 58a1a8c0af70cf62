import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(int(os.environ.get('SEED', 0)))


class CollisionNet(nn.Module):
    """do two moving discs meet?  input: two positions and two velocities"""

    def __init__(self, h=64):
        super().__init__()
        self.fc1 = nn.Linear(8, h)
        self.fc2 = nn.Linear(h, h)
        self.fc3 = nn.Linear(h, h)
        self.fc4 = nn.Linear(h, 2)

    def forward(self, x):
        h = self.fc1(x)
        h = F.relu(h)
        h = self.fc2(h)
        h = F.relu(h)
        h = self.fc3(h)
        h = F.relu(h)
        return self.fc4(h)


def scenes(n):
    s = torch.randn(n, 8)
    p, v = s[:, :2] - s[:, 2:4], s[:, 4:6] - s[:, 6:]
    t = (-(p * v).sum(1) / v.square().sum(1).clamp_min(1e-6)).clamp(0, 2)
    d = (p + t[:, None] * v).norm(dim=1)
    return s, (d < 1.05).long()


train, val = scenes(6000), scenes(1500)
print('share of collisions', train[1].float().mean().item())
net = CollisionNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    for x, y in DataLoader(TensorDataset(*train), batch_size=64, shuffle=True):
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        o = net(val[0])
        acc = (o.argmax(1) == val[1]).float().mean().item()
        print(f'epoch {epoch} train {loss.item():.4f} val {F.cross_entropy(o, val[1]).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
