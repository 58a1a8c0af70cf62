import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get('SEED', 0)))

x = torch.randn(3000, 10)
y = (x[:, 0] + x[:, 1] > 0).long() + 2 * (x[:, 2] - 0.5 * x[:, 3].abs() + 0.4 > 0).long()
train = DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=80, shuffle=True)
xv, yv = x[2400:], y[2400:]


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width, bias=False)
        self.bn = nn.BatchNorm1d(width)

    def forward(self, x):
        return torch.relu(self.bn(self.fc(x)))


class Deep(nn.Module):
    def __init__(self, depth=30, width=32):
        super().__init__()
        self.stem = nn.Linear(10, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.norm = nn.BatchNorm1d(width)
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


model = Deep()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    model.train()
    total = 0
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f'{epoch} train {total / len(train):.3f} val acc {acc:.3f}')
print(f'final_metric={acc:.4f}')
