import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get('SEED', 0)))
ACCUMULATE = 4

x = torch.randn(6000, 12)
y = ((x[:, 0] > 0).long() + (x[:, 1] * x[:, 2] + x[:, 3] > 0).long())
train_loader = DataLoader(TensorDataset(x[:5000], y[:5000]), batch_size=16, shuffle=True)
xv, yv = x[5000:], y[5000:]

model = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    optimizer.zero_grad()
    for i, (xb, yb) in enumerate(train_loader):
        loss = criterion(model(xb), yb) / ACCUMULATE
        loss.backward()
        if (i + 1) % ACCUMULATE == 0:
            optimizer.step()
            optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f'epoch {epoch} loss {ACCUMULATE * loss.item():.3f} val acc {acc:.3f}')
print(f'final_metric={acc:.4f}')
