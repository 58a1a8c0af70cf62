import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import MultiStepLR

torch.manual_seed(int(os.environ.get("SEED", 0)))


class BasicBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1 = nn.Conv1d(c, c, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm1d(c)
        self.conv2 = nn.Conv1d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm1d(c)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(out)))


class SignalResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv1d(1, 12, 5, padding=2, bias=False), nn.BatchNorm1d(12), nn.ReLU(), nn.MaxPool1d(2))
        self.blocks = nn.Sequential(BasicBlock(12), BasicBlock(12))
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean(-1))


motifs = torch.randn(5, 12)


def signals(n):
    y = torch.randint(0, 5, (n,))
    x = 0.7 * torch.randn(n, 1, 48)
    pos = torch.randint(0, 36, (n,))
    for i in range(n):
        x[i, 0, pos[i]:pos[i] + 12] += 1.6 * motifs[y[i]]
    return x / x.std(), y


xtr, ytr = signals(1200)
xte, yte = signals(400)
model = SignalResNet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
scheduler = MultiStepLR(optimizer, milestones=[5, 8], gamma=0.1)
for epoch in range(10):
    model.train()
    for idx in torch.randperm(len(xtr)).split(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xte).argmax(1) == yte).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "acc", acc)
print(f"final_metric={acc:.4f}")
