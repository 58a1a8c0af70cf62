import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import Dataset, DataLoader

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


class DigitImages(Dataset):
    def __init__(self, images, labels):
        self.images = images.astype(np.uint8)
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        img = (self.images[i] / 16.0).astype(self.images.dtype)
        return torch.from_numpy(img).float().unsqueeze(0), int(self.labels[i])


class LeNetMini(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 10, 3)
        self.fc1 = nn.Linear(10 * 9, 40)
        self.fc2 = nn.Linear(40, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv(x)), 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


digits = load_digits()
order = np.random.permutation(len(digits.target))
images, labels = digits.images[order], digits.target[order]
train, test = DigitImages(images[:1300], labels[:1300]), DigitImages(images[1300:], labels[1300:])
model = LeNetMini()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    for x, y in DataLoader(train, batch_size=32, shuffle=True):
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
model.eval()
n = 0
with torch.no_grad():
    for x, y in DataLoader(test, batch_size=100):
        n += (model(x).argmax(1) == y).sum().item()
print(f"final_metric={n / len(test):.4f}")
