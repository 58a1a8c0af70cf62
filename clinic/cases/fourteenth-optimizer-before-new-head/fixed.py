import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images).float()[:, None] / 8 - 1
y = torch.tensor(d.target)
perm = torch.randperm(len(y))
x, y = x[perm], y[perm]


def backbone(n_classes):
    return nn.Sequential(
        nn.Conv2d(1, 10, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(10, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, n_classes),
    )


def fit(model, optimizer, x, y, epochs):
    for epoch in range(epochs):
        model.train()
        for idx in torch.randperm(len(x)).split(32):
            loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"  epoch {epoch} loss {loss.item():.4f}")


# pre-train: even against odd
model = backbone(2)
fit(model, torch.optim.Adam(model.parameters(), lr=2e-3), x[:900], y[:900] % 2, epochs=4)

# fine-tune: all ten digits
model[-1] = nn.Linear(64, 10)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
fit(model, optimizer, x[900:1400], y[900:1400], epochs=12)

model.eval()
with torch.no_grad():
    acc = (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"final_metric={acc:.4f}")
