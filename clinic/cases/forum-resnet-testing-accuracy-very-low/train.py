import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))

def normalize(mean, std):
    return lambda t: (t - mean) / std

def compose(*fs):
    def run(t):
        for f in fs:
            t = f(t)
        return t
    return run

to_tensor = lambda im: torch.from_numpy(np.asarray(im, dtype=np.float32)).unsqueeze(0)
transform_train = compose(to_tensor, normalize(4.884, 6.017))
transform_test = compose(to_tensor)

class Images(Dataset):
    def __init__(self, images, target, transform):
        self.images, self.target, self.transform = images, target, transform
    def __len__(self):
        return len(self.target)
    def __getitem__(self, i):
        return self.transform(self.images[i]), int(self.target[i])

class BasicBlock(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(ch, ch, 3, padding=1, bias=False), nn.BatchNorm2d(ch)
        self.conv2, self.bn2 = nn.Conv2d(ch, ch, 3, padding=1, bias=False), nn.BatchNorm2d(ch)
    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(y)))

class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 12, 3, padding=1)
        self.layer1, self.layer2 = BasicBlock(12), BasicBlock(12)
        self.fc = nn.Linear(12 * 4, 10)
    def forward(self, x):
        x = F.max_pool2d(self.layer1(self.stem(x)), 2)
        x = F.max_pool2d(self.layer2(x), 2)
        return self.fc(x.flatten(1))

d = load_digits()
p = torch.randperm(len(d.target)).numpy()
train_loader = DataLoader(Images(d.images[p[:1300]], d.target[p[:1300]], transform_train), batch_size=26, shuffle=True)
test_loader = DataLoader(Images(d.images[p[1300:]], d.target[p[1300:]], transform_test), batch_size=100)
model = ResNet()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

def evaluate():
    model.eval()
    loss = n = 0
    with torch.no_grad():
        for x, y in test_loader:
            out = model(x)
            loss += F.cross_entropy(out, y).item(); n += (out.argmax(1) == y).sum().item()
    return loss / len(test_loader), n / len(test_loader.dataset)

for epoch in range(5):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    vl, acc = evaluate()
    print("epoch", epoch, "train loss %.3f test loss %.3f" % (loss.item(), vl))
print("final_metric=%.4f" % acc)
