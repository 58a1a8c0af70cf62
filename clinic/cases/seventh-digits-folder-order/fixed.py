import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)


class DigitFolder(Dataset):
    def __init__(self, part, seed):
        d = load_digits()
        order = np.random.RandomState(seed).permutation(len(d.images))
        chosen = order[:1400] if part == "train" else order[1400:]
        self.items = []
        for digit in range(10):
            self.items += [(d.images[k], digit) for k in chosen if d.target[k] == digit]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        img, digit = self.items[k]
        return torch.tensor(img, dtype=torch.float32).flatten() / 6.0 - 0.81, digit


train_dl = DataLoader(DigitFolder("train", SEED), batch_size=32, shuffle=True)
val_dl = DataLoader(DigitFolder("val", SEED), batch_size=128)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for epoch in range(8):
    model.train()
    for xb, yb in train_dl:
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    good = vl = 0
    with torch.no_grad():
        for xb, yb in val_dl:
            out = model(xb)
            good += (out.argmax(1) == yb).sum().item()
            vl += nn.functional.cross_entropy(out, yb, reduction="sum").item()
    acc = good / len(val_dl.dataset)
    print(f"epoch {epoch} loss {loss.item():.4f} val loss {vl / len(val_dl.dataset):.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
