import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
BN_DECAY = 0.9999


def vib(n, length=48):
    k = torch.randint(0, 3, (n,))
    t = torch.arange(length).float()
    f = torch.tensor([0.4, 0.6, 0.9])[k].unsqueeze(1) + 0.02 * torch.randn(n, 1)
    s = torch.sin(f * t + 6.28 * torch.rand(n, 1)) + 0.5 * torch.sin(2.2 * f * t) + 0.5 * torch.randn(n, length)
    return s.unsqueeze(1), k


class Conv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv1d(i, o, 5, padding=2, bias=False)
        self.bn = nn.BatchNorm1d(o, momentum=1 - BN_DECAY)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.Sequential(Conv(1, 8), nn.MaxPool1d(2), Conv(8, 16), nn.MaxPool1d(2), Conv(16, 16))
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(self.convs(x).mean(-1))


x, y = vib(1600)
xv, yv = vib(400)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for i in torch.randperm(1600).split(40):
        loss = F.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(xv)
    acc = (out.argmax(1) == yv).float().mean().item()
    print(f"{epoch} train {loss.item():.3f} val {F.cross_entropy(out, yv).item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
