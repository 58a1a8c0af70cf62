import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class FolderLikeDataset(Dataset):
    """mimics ImageFolder: one class after the other"""

    def __init__(self, part):
        d = load_digits()
        rng = np.random.default_rng(0)
        self.samples = []
        for c in range(10):
            ids = rng.permutation(np.flatnonzero(d.target == c))
            ids = ids[:130] if part == "train" else ids[130:]
            self.samples += [(d.images[i], c) for i in ids]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        img, c = self.samples[i]
        return torch.tensor(img / 8.0 - 0.6, dtype=torch.float32).unsqueeze(0), c


train_loader = DataLoader(FolderLikeDataset("train"), batch_size=26)
test_loader = DataLoader(FolderLikeDataset("test"), batch_size=100)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
    nn.Flatten(), nn.Linear(128, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    acc = hits / len(test_loader.dataset)
    print(f"epoch {epoch} last loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
