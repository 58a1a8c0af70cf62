import argparse
import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--weight-decay", type=float, default=1e-4)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--epochs", type=int, default=12)
opts = parser.parse_args()

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
A, B, ya, yb = (torch.as_tensor(v) for v in train_test_split(X.astype("float32"), y, test_size=400, random_state=seed))
mlp = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(mlp.parameters(), lr=opts.lr, weight_decay=opts.weight_decay)
for epoch in range(opts.epochs):
    total = 0.0
    for idx in torch.randperm(len(A)).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(mlp(A[idx]), ya[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx) / len(A)
    with torch.no_grad():
        acc = (mlp(B).argmax(1) == yb).float().mean().item()
    print(f"epoch={epoch} loss={total:.4f} acc={acc:.4f}")
print(f"final_metric={acc:.4f}")
