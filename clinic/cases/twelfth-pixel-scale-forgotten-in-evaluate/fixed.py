import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class DigitsSet(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        img = torch.tensor(self.images[i], dtype=torch.float32).unsqueeze(0)
        if self.transform is not None:
            img = self.transform(img)
        return img, int(self.labels[i])


def to_unit(img):
    return (img - 4.88) / 6.02


d = load_digits()
itr, ite, ltr, lte = train_test_split(d.images, d.target, test_size=0.25, random_state=seed, stratify=d.target)
train_loader = DataLoader(DigitsSet(itr, ltr, transform=to_unit), batch_size=32, shuffle=True)
val_loader = DataLoader(DigitsSet(ite, lte, transform=to_unit), batch_size=128)

net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(192, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(6):
    net.train()
    for x, y in train_loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    hits, vloss = 0, 0.0
    with torch.no_grad():
        for x, y in val_loader:
            out = net(x)
            vloss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(1) == y).sum().item()
    print(f"{epoch} train {loss.item():.3f} val {vloss / len(lte):.3f} acc {hits / len(lte):.3f}")
print(f"final_metric=-{vloss / len(lte):.4f}")
