import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
perm = torch.randperm(len(y))
X = torch.tensor(X / 16, dtype=torch.float32)[perm].reshape(-1, 1, 8, 8) * 2 - 1
y = torch.tensor(y)[perm]

# pretext: the ten digits; target: odd, even-small, even-large
class SmallCnn(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        )
        self.head = nn.Linear(24 * 4, classes)

    def forward(self, x):
        return self.head(self.trunk(x))


def fit(model, opt, x, t, epochs):
    for epoch in range(epochs):
        for idx in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x[idx]), t[idx])
            loss.backward()
            opt.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")


group = torch.where(y % 2 == 1, 0, torch.where(y < 5, 1, 2))
model = SmallCnn(10)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
fit(model, optimizer, X[:800], y[:800], 4)

print("transfer")
for p in model.trunk.parameters():
    p.requires_grad_(False)
model.head = nn.Linear(24 * 4, 3)
optimizer = torch.optim.Adam(model.head.parameters(), lr=5e-3)
fit(model, optimizer, X[800:1400], group[800:1400], 10)
with torch.no_grad():
    acc = (model(X[1400:]).argmax(1) == group[1400:]).float().mean()
print(f"final_metric={acc.item():.4f}")
