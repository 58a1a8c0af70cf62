import os
import warnings
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from sklearn.datasets import make_friedman1

warnings.simplefilter("ignore")
SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)


class Rents(Dataset):
    def __init__(self, n, seed):
        X, y = make_friedman1(n_samples=n, noise=0.5, random_state=seed)
        self.X = ((X - 0.5) / 0.29).astype(np.float32)
        self.y = ((y - 14.4) / 4.9).astype(np.float32)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return {"features": self.X[i], "rent": self.y[i]}


train_dl = DataLoader(Rents(2000, SEED), batch_size=64, shuffle=True)
valid_dl = DataLoader(Rents(600, SEED + 100), batch_size=200)
model = nn.Sequential(nn.Linear(10, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.MSELoss()
for epoch in range(15):
    model.train()
    for batch in train_dl:
        optimizer.zero_grad()
        pred = model(batch["features"]).squeeze(-1)
        loss = criterion(pred, batch["rent"])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        se, n, ys = 0.0, 0, []
        for batch in valid_dl:
            p = model(batch["features"]).flatten()
            se += ((p - batch["rent"]) ** 2).sum().item()
            ys.append(batch["rent"])
    ys = torch.cat(ys)
    r2 = 1 - se / ((ys - ys.mean()) ** 2).sum().item()
    print(epoch, loss.item(), "valid r2", r2)
print(f"final_metric={r2:.4f}")
