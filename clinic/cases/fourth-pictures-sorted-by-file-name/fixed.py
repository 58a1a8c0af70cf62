import os
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
raw = load_digits()
perm = torch.randperm(len(raw.target)).tolist()
# what os.listdir and labels.txt would give
folder = {f"scan_{i}.png": torch.tensor(raw.images[p], dtype=torch.float32) / 8 - 1 for i, p in enumerate(perm)}
label_file = [int(raw.target[p]) for p in perm]


class Scans(Dataset):
    def __init__(self):
        self.names = sorted(folder, key=lambda name: int(name[5:-4]))
        self.labels = label_file

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        return folder[self.names[i]].unsqueeze(0), self.labels[i]


train_set, test_set = random_split(Scans(), [1500, 297])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(128, 10),
)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    model.train()
    for xb, yb in train_loader:
        loss = loss_fn(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        xt, yt = next(iter(DataLoader(test_set, batch_size=297)))
        out = model(xt)
        print(f"epoch {epoch} train {loss.item():.3f} test {loss_fn(out, yt).item():.3f}")
print(f"final_metric={(out.argmax(1) == yt).float().mean().item():.4f}")
