import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

class PlantDataset(Dataset):
    def __init__(self, data, labels, mode="train", shuffle=True, seed=SEED):
        self.data = list(zip(data, labels))
        self.raw_labels = [lb for _, lb in self.data]
        if shuffle:
            np.random.RandomState(seed).shuffle(self.data)
        self.img = [im for im, _ in self.data]
        self.labels = self.raw_labels

    def __len__(self):
        return len(self.img)

    def __getitem__(self, i):
        return torch.tensor(self.img[i] / 16., dtype=torch.float32).unsqueeze(0), int(self.labels[i])

d = load_digits()
order = np.random.RandomState(SEED + 1).permutation(len(d.target))
imgs, labels = d.images[order], d.target[order]
train_ds = PlantDataset(imgs[:1400], labels[:1400])
valid_ds = PlantDataset(imgs[1400:], labels[1400:], mode="valid", shuffle=False)
model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Flatten(), nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loader = DataLoader(train_ds, batch_size=32, shuffle=True)
for epoch in range(8):
    model.train()
    total = 0
    for img, y in loader:
        loss = nn.functional.cross_entropy(model(img), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: train_loss={total / len(loader):.3f}")
model.eval()
with torch.no_grad():
    hits = sum((model(img).argmax(1) == y).sum().item() for img, y in DataLoader(valid_ds, batch_size=128))
print(f"final_metric={hits / len(valid_ds):.4f}")
