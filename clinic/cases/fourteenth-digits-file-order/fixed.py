import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class FolderDigits(Dataset):
    """Images as they come from one folder per class."""

    def __init__(self, images, labels):
        self.items = [(images[i], int(labels[i])) for c in range(10) for i in torch.nonzero(labels == c).flatten()]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


d = load_digits()
images = (torch.tensor(d.images).float()[:, None] - 4.88) / 6.02
labels = torch.tensor(d.target)
order = torch.randperm(len(labels))
train_set = FolderDigits(images[order[:1300]], labels[order[:1300]])
test_set = FolderDigits(images[order[1300:]], labels[order[1300:]])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
test_loader = DataLoader(test_set, batch_size=128)

model = nn.Sequential(
    nn.Conv2d(1, 10, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(10, 20, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(80, 10),
)
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(10):
    model.train()
    for x, y in train_loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            correct += (model(x).argmax(1) == y).sum().item()
    acc = correct / len(test_set)
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
