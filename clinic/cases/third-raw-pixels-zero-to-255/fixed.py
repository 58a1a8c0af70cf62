import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import Dataset, DataLoader

class DigitImages(Dataset):
    def __init__(self, train):
        d = load_digits()
        img = np.clip(d.images * 16, 0, 255).astype(np.uint8)
        rng = np.random.RandomState(int(os.environ.get("SEED", 0))); order = rng.permutation(len(img))
        order = order[:1437] if train else order[1437:]
        self.images, self.labels = img[order], d.target[order]
    def __len__(self):
        return len(self.images)
    def __getitem__(self, i):
        image = torch.from_numpy(self.images[i]).float().unsqueeze(0) / 127.5 - 0.6
        return image, int(self.labels[i])

torch.manual_seed(int(os.environ.get("SEED", 0)))
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)).to(device)
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
for epoch in range(6):
    for x, y in DataLoader(DigitImages(True), batch_size=32, shuffle=True):
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    print("Epoch", epoch, "last loss", loss.item())
ok = n = 0
with torch.no_grad():
    for x, y in DataLoader(DigitImages(False), batch_size=120):
        ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item(); n += len(y)
print("final_metric=%.4f" % (ok / n))
