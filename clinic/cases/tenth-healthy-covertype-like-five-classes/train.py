import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.metrics import f1_score
from torch.utils.data import DataLoader, Dataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


class TabularDataset(Dataset):
    def __init__(self, X, y):
        self.X, self.y = torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(y, dtype=torch.long)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


X, y = make_blobs(n_samples=3000, centers=15, n_features=6, cluster_std=1.6, random_state=SEED)
y = y % 5
X = (X - X[:2400].mean(0)) / X[:2400].std(0)
train_loader = DataLoader(TabularDataset(X[:2400], y[:2400]), batch_size=64, shuffle=True)
valid_loader = DataLoader(TabularDataset(X[2400:], y[2400:]), batch_size=300)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = nn.Sequential(nn.Linear(6, 64), nn.BatchNorm1d(64), nn.ReLU())
        self.block2 = nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.block2(self.block1(x)))


model = Net()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    losses = []
    for xb, yb in train_loader:
        loss = crit(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    preds, vl = [], []
    with torch.no_grad():
        for xb, yb in valid_loader:
            out = model(xb)
            vl.append(crit(out, yb).item())
            preds.append(out.argmax(1))
    f1 = f1_score(y[2400:], torch.cat(preds).numpy(), average="macro")
    print(f"Epoch {epoch + 1:02d} | train {np.mean(losses):.4f} | valid {np.mean(vl):.4f} | macro F1 {f1:.4f}")
print(f"final_metric={f1:.4f}")
