# concrete strength (synthetic stand-in), regression tutorial
import os

import numpy as np
import torch
from sklearn.datasets import make_friedman1
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_friedman1(n_samples=2500, n_features=8, noise=0.5, random_state=SEED)
X = StandardScaler().fit_transform(X).astype(np.float32)
y = ((y - y[:2000].mean()) / y[:2000].std()).astype(np.float32)


class ConcreteDataset(torch.utils.data.Dataset):
    def __init__(self, X, y):
        self.X, self.y = X, y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


train = torch.utils.data.DataLoader(ConcreteDataset(X[:2000], y[:2000]), batch_size=40, shuffle=True)
valid = torch.utils.data.DataLoader(ConcreteDataset(X[2000:], y[2000:]), batch_size=500)

model = torch.nn.Sequential(
    torch.nn.Linear(8, 64),
    torch.nn.ReLU(),
    torch.nn.Linear(64, 32),
    torch.nn.ReLU(),
    torch.nn.Linear(32, 1),
)
loss_fn = torch.nn.L1Loss()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)


def run_epoch(loader, train_mode):
    total, n = 0.0, 0
    for xb, yb in loader:
        with torch.set_grad_enabled(train_mode):
            pred = model(xb)
            loss = loss_fn(pred, yb)
        if train_mode:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(xb)
        n += len(xb)
    return total / n


import warnings

warnings.filterwarnings("ignore")
for epoch in range(20):
    a = run_epoch(train, True)
    b = run_epoch(valid, False)
    print(f"{epoch:3d} train MAE {a:.3f} valid MAE {b:.3f}")
with torch.no_grad():
    p = model(torch.from_numpy(X[2000:])).flatten().numpy()
print(f"final_metric={1 - np.mean((p - y[2000:]) ** 2) / np.var(y[2000:]):.4f}")
