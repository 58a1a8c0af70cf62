import argparse
import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--accumulate", type=int, default=4)
ap.add_argument("--micro-batch", type=int, default=8)
ap.add_argument("--epochs", type=int, default=15)
args = ap.parse_args()
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(2000, noise=0.5, random_state=seed)
X = torch.tensor((X - 0.5) / 0.29, dtype=torch.float32)
y = torch.tensor((y - 14.4) / 4.9, dtype=torch.float32)[:, None]
loader = DataLoader(TensorDataset(X[:1600], y[:1600]), batch_size=args.micro_batch, shuffle=True)
model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
for epoch in range(args.epochs):
    model.train()
    opt.zero_grad()
    for i, (xb, yb) in enumerate(loader):
        loss = nn.functional.mse_loss(model(xb), yb) / args.accumulate
        loss.backward()
        if (i + 1) % args.accumulate == 0:
            opt.step()
            opt.zero_grad()
    model.eval()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(model(X[1600:]), y[1600:]) / y[1600:].var()
    print(epoch, loss.item() * args.accumulate, r2.item())
print(f"final_metric={r2.item():.4f}")
