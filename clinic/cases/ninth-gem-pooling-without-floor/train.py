import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class GeM(nn.Module):
    def __init__(self, p=3.0):
        super().__init__()
        self.p = nn.Parameter(torch.tensor(p))

    def forward(self, x):
        x = x.clamp(min=0).pow(self.p)
        return F.adaptive_avg_pool2d(x, 1).flatten(1).pow(1 / self.p)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 48, 3)
        self.conv3 = nn.Conv2d(48, 48, 3)
        self.pool = GeM()
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        return self.fc(self.pool(x))


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
data = load_digits()
order = torch.randperm(len(data.target))
x = torch.tensor(data.images, dtype=torch.float32)[order, None] / 16
x = (x - 0.305) / 0.376
y = torch.tensor(data.target)[order]
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    s = 0.0
    for i in range(0, 1400, 40):
        j = torch.randint(0, 1400, (40,))
        opt.zero_grad()
        loss = F.cross_entropy(net(x[j]), y[j])
        loss.backward()
        opt.step()
        s += loss.item()
    acc = accuracy(net, x[1400:], y[1400:])
    print(f"epoch {epoch}: loss {s / 35:.4f}, acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
