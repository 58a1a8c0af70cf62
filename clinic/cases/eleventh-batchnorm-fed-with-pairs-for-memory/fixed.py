import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH_SIZE = 32      # out of memory with more


def lesions(n, s=12):
    """0: smooth border, 1: spiky border; brightness says nothing"""
    yy, xx = torch.meshgrid(torch.arange(s), torch.arange(s), indexing="ij")
    y = torch.randint(0, 2, (n,))
    cy, cx = 4.5 + 2 * torch.rand(n, 1, 1), 4.5 + 2 * torch.rand(n, 1, 1)
    r = torch.hypot(yy - cy, xx - cx)
    a = torch.atan2(yy - cy, xx - cx) + 6.3 * torch.rand(n, 1, 1)
    edge = 3.2 + y.view(-1, 1, 1) * 1.1 * torch.sin(6 * a)
    x = torch.sigmoid(2 * (edge - r)) * (0.3 + 1.4 * torch.rand(n, 1, 1)) + 0.15 * torch.randn(n, s, s)
    x = (x - x.mean()) / x.std()
    return TensorDataset(x.unsqueeze(1), y)


train_set, val_set = lesions(600), lesions(300)
loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
val_loader = DataLoader(val_set, batch_size=150)

net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Flatten(), nn.Linear(16 * 36, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(5):
    net.train()
    for img, lab in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(img), lab)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        acc = sum((net(i).argmax(1) == l).sum().item() for i, l in val_loader) / len(val_set)
    print(f"epoch {epoch + 1}/5 loss {loss.item():.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
