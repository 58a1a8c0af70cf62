import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
bunch = load_digits()
perm = torch.randperm(len(bunch.target))
images = torch.tensor(bunch.images, dtype=torch.float32)[perm] / 16
labels = torch.tensor(bunch.target)[perm]


class Glyphs(Dataset):
    def __init__(self, images, labels, skip_header=0):
        self.images = images
        self.labels = labels.roll(-skip_header)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.images[i].unsqueeze(0), self.labels[i]


train = DataLoader(Glyphs(images[:1350], labels[:1350], skip_header=1), batch_size=45, shuffle=True)
test_x, test_y = images[1350:].unsqueeze(1), labels[1350:]
net = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(108, 40), nn.ReLU(), nn.Linear(40, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    net.train()
    s = 0.0
    for x, y in train:
        loss = loss_fn(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    print(epoch, s / len(train))
net.eval()
with torch.no_grad():
    print(f"final_metric={(net(test_x).argmax(1) == test_y).float().mean().item():.4f}")
