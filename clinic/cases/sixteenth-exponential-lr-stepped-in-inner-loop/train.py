import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from torch.optim.lr_scheduler import ExponentialLR

torch.manual_seed(int(os.environ.get("SEED", 0)))


def shapes(n):
    """8x8 pictures: horizontal, vertical, diagonal bar or nothing"""
    k = torch.randint(0, 4, (n,))
    img = 0.5 * torch.randn(n, 1, 8, 8)
    r = torch.randint(0, 8, (n,))
    for i in range(n):
        if k[i] == 0: img[i, 0, r[i]] += 1
        elif k[i] == 1: img[i, 0, :, r[i]] += 1
        elif k[i] == 2: img[i, 0].diagonal(int(r[i]) - 4).add_(1)
    return img, k


train_loader = DataLoader(TensorDataset(*shapes(2000)), batch_size=32, shuffle=True)
val_loader = DataLoader(TensorDataset(*shapes(500)), batch_size=500)
model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
                      nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(64, 4))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = ExponentialLR(optimizer, gamma=0.95)
for epoch in range(10):
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        for images, labels in val_loader:
            acc = (model(images).argmax(1) == labels).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "acc", round(acc, 4))
print(f"final_metric={acc:.4f}")
