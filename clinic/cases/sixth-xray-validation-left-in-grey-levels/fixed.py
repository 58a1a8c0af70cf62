import os
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)


class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = mean, std

    def __call__(self, img):
        return (img - self.mean) / self.std


class Scans(Dataset):
    def __init__(self, n, transform=None):
        self.y = torch.randint(0, 3, (n,))
        grid = torch.stack(torch.meshgrid(torch.arange(14.0), torch.arange(14.0), indexing="ij"))
        self.img = torch.empty(n, 1, 14, 14)
        for i, k in enumerate(self.y.tolist()):
            c = torch.randint(5, 9, (2, 1, 1))
            d = (grid - c).pow(2).sum(0).sqrt()
            blob = (d < 4) if k == 0 else ((d < 4) & (d > 2)) if k == 1 else (d < 1.5)
            self.img[i, 0] = 90 + 70 * blob + 25 * torch.randn(14, 14)
        self.img = self.img.clamp(0, 255)
        self.transform = transform

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        img = self.img[i]
        if self.transform:
            img = self.transform(img)
        return img, self.y[i]


train_transform = Normalize(102.0, 38.0)
val_transform = train_transform
train_loader = DataLoader(Scans(2000, train_transform), batch_size=50, shuffle=True)
val_loader = DataLoader(Scans(600, val_transform), batch_size=100)

model = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    ok = 0
    with torch.no_grad():
        for x, y in val_loader:
            ok += (model(x).argmax(1) == y).sum().item()
    acc = ok / 600
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
