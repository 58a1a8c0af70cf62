import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset


class ToTensor:
    def __call__(self, img):
        return torch.from_numpy(img).float().unsqueeze(0) / 16


class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = mean, std

    def __call__(self, t):
        return (t - self.mean) / self.std


class Compose:
    def __init__(self, fs):
        self.fs = fs

    def __call__(self, x):
        for f in self.fs:
            x = f(x)
        return x


class Digits(Dataset):
    def __init__(self, images, targets, transform):
        self.images, self.targets, self.transform = images, targets, transform

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        return self.transform(self.images[i]), int(self.targets[i])


torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_digits()
perm = torch.randperm(len(data.target)).numpy()
images, targets = data.images[perm], data.target[perm]
train_tf = Compose([ToTensor(), Normalize(0.305, 0.376)])
test_tf = Compose([ToTensor()])
train_loader = DataLoader(Digits(images[:1400], targets[:1400], train_tf), batch_size=32, shuffle=True)
test_loader = DataLoader(Digits(images[1400:], targets[1400:], test_tf), batch_size=200)

model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    test_loss, correct = 0.0, 0
    with torch.no_grad():
        for x, y in test_loader:
            out = model(x)
            test_loss += criterion(out, y).item() * len(y)
            correct += (out.argmax(1) == y).sum().item()
    n = len(test_loader.dataset)
    print(f"epoch {epoch} train loss {loss.item():.4f} test loss {test_loss / n:.4f} acc {correct / n:.4f}")
print(f"final_metric={correct / n:.4f}")
