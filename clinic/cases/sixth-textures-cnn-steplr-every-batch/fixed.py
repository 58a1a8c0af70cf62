import os
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def textures(n):
    y = torch.randint(0, 6, (n,))
    r = torch.arange(12.0)
    fx = torch.tensor([0.5, 1.0, 1.6, 0.5, 1.0, 1.6])[y].view(-1, 1, 1)
    fy = torch.tensor([0.5, 0.5, 0.5, 1.4, 1.4, 1.4])[y].view(-1, 1, 1)
    ph = torch.rand(n, 2, 1, 1) * 6.28
    img = torch.sin(fx * r.view(1, 1, -1) + ph[:, 0]) * torch.sin(fy * r.view(1, -1, 1) + ph[:, 1])
    img = img + 0.4 * torch.randn_like(img)
    return TensorDataset((img / 0.64).unsqueeze(1), y)


train_set, val_set = textures(2400), textures(600)
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=300)

model = nn.Sequential(
    nn.Conv2d(1, 12, 5, padding=2), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 6),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
scheduler = StepLR(optimizer, step_size=4, gamma=0.3)

for epoch in range(10):
    model.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in val_loader:
            correct += (model(images).argmax(1) == labels).sum().item()
    acc = correct / len(val_set)
    print(f"Epoch {epoch + 1}: loss {loss.item():.4f}, val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
