import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)


class Bumps(Dataset):
    """10x10 images with two bumps; target = (signed) brightness difference and horizontal offset, standardised."""

    def __init__(self, n):
        g = np.arange(10)
        X, Y = [], []
        for _ in range(n):
            (x1, x2), (a1, a2) = np.random.uniform(1, 8, 2), np.random.uniform(0.5, 2.0, 2)
            row = lambda c: np.exp(-((g - c) ** 2) / 2)
            img = a1 * np.outer(row(2.5), row(x1)) + a2 * np.outer(row(6.5), row(x2))
            X.append(img + np.random.normal(0, 0.05, img.shape))
            Y.append([a1 - a2, x1 - x2])
        X, Y = np.array(X), np.array(Y)
        self.X = torch.tensor((X - X.mean()) / X.std(), dtype=torch.float32).unsqueeze(1)
        self.Y = torch.tensor((Y - Y.mean(0)) / Y.std(0), dtype=torch.float32)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.Y[i]


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.conv2 = nn.Conv2d(8, 12, 3)
        self.fc1 = nn.Linear(12 * 36, 32)
        self.fc2 = nn.Linear(32, 2)

    def forward(self, x):
        x = nn.functional.relu(self.conv1(x))
        x = nn.functional.relu(self.conv2(x))
        x = nn.functional.relu(self.fc1(x.flatten(1)))
        x = nn.functional.relu(self.fc2(x))
        return x


train, val = DataLoader(Bumps(1000), 50, shuffle=True), DataLoader(Bumps(300), 300)
model = Regressor()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
loss_fn = nn.MSELoss()
for epoch in range(12):
    model.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, y = next(iter(val))
        r2 = 1 - loss_fn(model(x), y).item() / y.var(0).mean().item()
    print(f"{epoch:2d} loss {loss.item():.4f} val R2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
