import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
raw = load_digits()
store = {f"scan_{k}.png": torch.tensor(img, dtype=torch.float32)[None] / 8 - 1 for k, img in enumerate(raw.images)}
csv = [(k, int(t)) for k, t in enumerate(raw.target)]


class Scans(Dataset):
    def __init__(self):
        names = sorted(store, key=lambda name: int(name[5:-4]))
        rows = sorted(csv)
        self.images = [store[name] for name in names]
        self.labels = [label for _, label in rows]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, k):
        return self.images[k], self.labels[k]


train, val = torch.utils.data.random_split(Scans(), [1400, 397])
loader = DataLoader(train, batch_size=32, shuffle=True)
val_loader = DataLoader(val, batch_size=397)
net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(),
                    nn.Flatten(), nn.Dropout(0.2), nn.Linear(24 * 16, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for img, lab in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(img), lab)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        img, lab = next(iter(val_loader))
        acc = (net(img).argmax(1) == lab).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
