import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.RandomState(SEED)


class FolderOfDigits(Dataset):
    """Mimics ImageFolder: one 'folder' per class, files listed folder by folder."""

    classes = [str(i) for i in range(10)]

    def __init__(self, images, targets, indices):
        self.samples = []
        for label, name in enumerate(self.classes):
            for i in indices:
                if targets[i] == label:
                    self.samples.append((images[i], label))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        img, label = self.samples[i]
        img = torch.from_numpy(img).float().unsqueeze(0) / 16.0
        return (img - 0.3) / 0.38, label


digits = load_digits()
perm = rng.permutation(len(digits.images))
train_data = FolderOfDigits(digits.images, digits.target, perm[:1400])
test_data = FolderOfDigits(digits.images, digits.target, perm[1400:])

train_loader = DataLoader(train_data, batch_size=20, shuffle=True)
test_loader = DataLoader(test_data, batch_size=100)

model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(96, 10),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)

for epoch in range(6):
    model.train()
    train_loss = 0.0
    for img, label in train_loader:
        pred = model(img)
        loss = loss_fn(pred, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
    model.eval()
    right = 0
    with torch.no_grad():
        for img, label in test_loader:
            right += (model(img).argmax(1) == label).sum().item()
    print(f"epoch {epoch + 1} train loss {train_loss / len(train_loader):.4f} test acc {right / len(test_data):.4f}")
print(f"final_metric={right / len(test_data):.4f}")
