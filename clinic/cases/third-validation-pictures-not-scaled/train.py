import os
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0)); torch.manual_seed(SEED)
raw = load_digits(); order = torch.randperm(len(raw.target))

class Digits(Dataset):
    def __init__(self, ids, transform=None):
        self.img = torch.tensor(raw.images, dtype=torch.float32)[ids][:, None]
        self.lab = torch.tensor(raw.target)[ids]
        self.transform = transform
    def __len__(self): return len(self.lab)
    def __getitem__(self, k):
        im = self.img[k]
        if self.transform: im = self.transform(im)
        return im, self.lab[k]

normalise = lambda im: (im / 8 - 1 + .39) / .75
train = DataLoader(Digits(order[:1400], transform=normalise), batch_size=40, shuffle=True)
val = DataLoader(Digits(order[1400:]), batch_size=100)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 10, 3); self.c2 = nn.Conv2d(10, 20, 3)
        self.bn = nn.BatchNorm2d(10); self.fc = nn.Linear(320, 10); self.drop = nn.Dropout(.2)
    def forward(self, x):
        x = torch.tanh(self.bn(self.c1(x)))
        x = torch.tanh(self.c2(x))
        return self.fc(self.drop(x.flatten(1)))

net = Net(); opt = torch.optim.Adam(net.parameters(), 2e-3); ce = nn.CrossEntropyLoss()
for epoch in range(7):
    net.train()
    for x, y in train:
        opt.zero_grad(); loss = ce(net(x), y); loss.backward(); opt.step()
    net.eval(); hits = 0; vloss = 0
    with torch.no_grad():
        for x, y in val:
            out = net(x); vloss += ce(out, y).item() * len(y); hits += (out.argmax(1) == y).sum().item()
    print("epoch {} train_loss {:.3f} val_loss {:.3f} val_acc {:.3f}".format(epoch, loss.item(), vloss / 397, hits / 397))
print("final_metric={:.4f}".format(hits / 397))
