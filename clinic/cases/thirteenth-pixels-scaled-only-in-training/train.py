import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    def __init__(self, indices, transform=None):
        data = load_digits()
        self.images = data.images[indices]
        self.labels = data.target[indices]
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = torch.tensor(self.images[i], dtype=torch.float32)[None]
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[i])


def to_unit(image):
    return image / 16 * 2 - 1


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
perm = torch.randperm(1797).numpy()
train_set = Digits(perm[:1300], transform=to_unit)
test_set = Digits(perm[1300:])
net = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(),
    nn.Linear(256, 32), nn.Tanh(), nn.Linear(32, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(6):
    net.train()
    for x, y in DataLoader(train_set, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in DataLoader(test_set, batch_size=100):
            hits += (net(x).argmax(1) == y).sum().item()
    print(epoch, loss.item(), hits / len(test_set))
print(f"final_metric={hits / len(test_set):.4f}")
