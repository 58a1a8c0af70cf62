import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset


class DigitFolder(Dataset):
    """Reads the images class by class, like an image folder."""

    def __init__(self, images, labels):
        order = np.argsort(labels, kind="stable")
        self.images = torch.tensor(images[order], dtype=torch.float32) / 8 - 1
        self.labels = torch.tensor(labels[order])

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.images[i], self.labels[i]


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
train_loader = DataLoader(DigitFolder(Xa, ya), batch_size=32, shuffle=True)
test_loader = DataLoader(DigitFolder(Xb, yb), batch_size=128)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    for x, t in train_loader:
        opt.zero_grad()
        loss = ce(model(x), t)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = torch.cat([model(x).argmax(1) == t for x, t in test_loader]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
