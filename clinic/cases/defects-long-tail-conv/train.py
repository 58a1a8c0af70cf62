import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, RandomSampler, WeightedRandomSampler

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
RNG = np.random.default_rng(SEED)
COUNTS = [2400, 300, 45, 25, 20]


class Defects(Dataset):
    def __init__(self, counts):
        self.y = np.repeat(np.arange(5), counts)
        self.x = RNG.normal(0, 1, (len(self.y), 1, 10, 10)).astype(np.float32)
        for img, k in zip(self.x, self.y):
            r, c = RNG.integers(1, 8, 2)
            if k == 1:
                img[0, r, :] += 1.7
            elif k == 2:
                img[0, :, c] += 1.7
            elif k == 3:
                img[0, r:r + 3, c:c + 3] += 1.7
            elif k == 4:
                img[0, r:r + 3, c:c + 3] -= 1.7

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return torch.from_numpy(self.x[i]), int(self.y[i])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.fc = nn.Linear(32, 5)

    def forward(self, x):
        x = F.relu(self.bn(self.conv1(x)))
        x = F.relu(self.conv2(x))
        return self.fc(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1))


train_set, val_set = Defects(COUNTS), Defects([100] * 5)
weights = 1.0 / np.array(COUNTS)[train_set.y]
sampler = RandomSampler(train_set)
train_loader = DataLoader(train_set, batch_size=64, sampler=sampler)
val_loader = DataLoader(val_set, batch_size=100)

net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)

for epoch in range(10):
    net.train()
    for x, y in train_loader:
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    right = torch.zeros(5)
    with torch.no_grad():
        for x, y in val_loader:
            hit = net(x).argmax(1) == y
            right += torch.bincount(y[hit], minlength=5)
    recall = right / 100
    print("epoch", epoch, "loss %.3f" % loss.item(), "recall by class", recall.tolist())

print("final_metric=%.4f" % recall.mean().item())
