import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get('SEED', 0)))

d = load_digits()
scans = (d.images * 15.9).astype(np.uint8)           # 0 .. 254, like the scanner gives them
pixels = scans // 255
x = torch.tensor(pixels, dtype=torch.float32)[:, None]
y = torch.tensor(d.target)
train, val = random_split(TensorDataset(x, y), [1400, len(x) - 1400])


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 12, 3, padding=1)
        self.b = nn.Conv2d(12, 24, 3, padding=1)
        self.f = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.a(x - .3)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.b(x)), 2)
        return self.f(x.flatten(1))


net = LeNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for a, b in DataLoader(train, 32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
    net.eval()
    right, n, vl = 0, 0, 0.
    with torch.no_grad():
        for a, b in DataLoader(val, 100):
            o = net(a)
            vl += nn.functional.cross_entropy(o, b, reduction='sum').item()
            right += (o.argmax(1) == b).sum().item()
            n += len(b)
    print(f'epoch {epoch}: {loss.item():.4f} val {vl / n:.4f} acc {right / n:.4f}')
print(f'final_metric={right / n:.4f}')
