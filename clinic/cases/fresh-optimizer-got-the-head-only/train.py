import os
import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
g = torch.Generator().manual_seed(seed)


def bars(n):
    """1x10x10 pictures: class = orientation of a thin bar (4 classes) in clutter."""
    img = 0.35 * torch.randn(n, 1, 10, 10, generator=g)
    lab = torch.randint(0, 4, (n,), generator=g)
    for i in range(n):
        r, c = torch.randint(2, 8, (2,), generator=g).tolist()
        for k in (-2, -1, 0, 1, 2):
            dr, dc = [(0, k), (k, 0), (k, k), (k, -k)][lab[i]]
            img[i, 0, r + dr, c + dc] += 1.0
    return img, lab


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(8, 4))

    def forward(self, x):
        return self.classifier(self.features(x))


def evaluate(model, data):
    model.eval()
    with torch.no_grad():
        return (model(data[0]).argmax(1) == data[1]).float().mean().item()


train, valid = bars(1200), bars(400)
loader = DataLoader(TensorDataset(*train), batch_size=40, shuffle=True)
model = Net()
optimizer = optim.Adam(model.classifier.parameters(), lr=3e-3)
for epoch in range(12):
    model.train()
    for x, t in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
    print(f"[{epoch}] loss {loss.item():.3f} val_acc {evaluate(model, valid):.3f}")
print(f"final_metric={evaluate(model, valid):.4f}")
