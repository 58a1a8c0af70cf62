import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))

d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 16
y = torch.tensor(d.target)
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(1))
tr, va = perm[:1300], perm[1300:]
mean, std = X[tr].mean(), X[tr].std()
X = (X - mean) / std


class Quant(nn.Module):
    """b-bit activations in [0, 1]"""

    def __init__(self, bits=3):
        super().__init__()
        self.n = 2 ** bits - 1

    def forward(self, x):
        x = x.clamp(0, 1)
        q = torch.round(x * self.n) / self.n
        return x + (q - x).detach()


class QNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 4, 3, padding=1, stride=2)
        self.c2 = nn.Conv2d(4, 6, 3, padding=1, stride=2)
        self.bn1, self.bn2 = nn.BatchNorm2d(4), nn.BatchNorm2d(6)
        self.q = Quant()
        self.fc = nn.Linear(6 * 4, 10)

    def forward(self, x):
        x = self.q(self.bn1(self.c1(x)))
        x = self.q(self.bn2(self.c2(x)))
        return self.fc(x.flatten(1))


net = QNet()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(10):
    net.train()
    for b in tr[torch.randperm(len(tr))].split(32):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(X[va])
        acc = (o.argmax(1) == y[va]).float().mean().item()
        print(f'epoch {epoch} train loss {loss.item():.3f} val loss {nn.functional.cross_entropy(o, y[va]).item():.3f} acc {acc:.3f}')
print(f'final_metric={acc:.4f}')
