import argparse
import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--epochs", type=int, default=10)
ap.add_argument("--batch-size", type=int, default=32)
args = ap.parse_args()
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
a, b, ya, yb = train_test_split((X - 4.88) / 6.02, y, test_size=0.25, random_state=seed, stratify=y)
train = DataLoader(TensorDataset(torch.tensor(a).float(), torch.tensor(ya)), batch_size=args.batch_size, shuffle=True)
valid = DataLoader(TensorDataset(torch.tensor(b).float(), torch.tensor(yb)), batch_size=256)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(args.epochs):
    model.train()
    for x, t in train:
        opt.zero_grad()
        loss = loss_fn(model(x), t)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        correct = sum((model(x).argmax(1) == t).sum().item() for x, t in valid)
    print(epoch, loss.item(), correct / len(yb))
print(f"final_metric={correct / len(yb):.4f}")
