import os
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
bunch = load_digits()
order = torch.randperm(len(bunch.target)).numpy()


class Scans(Dataset):
    def __init__(self, idx):
        self.images = bunch.images[idx] / 16.0
        self.images = self.images.astype("float32")
        self.labels = bunch.target[idx]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"image": torch.as_tensor(self.images[i]).float()[None], "label": int(self.labels[i])}


train = DataLoader(Scans(order[:1400]), batch_size=32, shuffle=True)
val = DataLoader(Scans(order[1400:]), batch_size=200)
model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    for batch in train:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(batch["image"]), batch["label"])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        ok = sum((model(b["image"]).argmax(1) == b["label"]).sum().item() for b in val)
    acc = ok / len(val.dataset)
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
