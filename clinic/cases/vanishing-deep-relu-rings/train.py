import argparse
import os

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset


class DeepMLP(nn.Module):
    def __init__(self, in_dim, width, depth, classes):
        super().__init__()
        self.inp = nn.Linear(in_dim, width)
        self.body = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.head = nn.Linear(width, classes)
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.act(self.inp(x))
        for fc in self.body:
            x = self.act(fc(x))
        return self.head(x)


def make_data(n, seed):
    X, y = make_circles(n, noise=0.06, factor=0.6, random_state=seed)
    X = X / X.std(axis=0)
    return torch.from_numpy(X.astype(np.float32)), torch.from_numpy(y)


def train_one_epoch(model, loader, opt, loss_fn):
    model.train()
    tot = 0
    for x, y in loader:
        opt.zero_grad()
        l = loss_fn(model(x), y)
        l.backward()
        opt.step()
        tot += l.item()
    return tot / len(loader)


@torch.no_grad()
def evaluate(model, X, y):
    model.eval()
    return (model(X).argmax(dim=1) == y).float().mean().item()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=12)
    p.add_argument("--depth", type=int, default=24)
    p.add_argument("--width", type=int, default=64)
    p.add_argument("--lr", type=float, default=5e-4)
    args = p.parse_args()
    seed = int(os.environ.get("SEED", 0))
    np.random.seed(seed)
    torch.manual_seed(seed)

    Xtr, ytr = make_data(1600, seed)
    Xva, yva = make_data(400, seed + 1000)
    loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True)

    model = DeepMLP(2, args.width, args.depth, 2)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(args.epochs):
        l = train_one_epoch(model, loader, opt, loss_fn)
        print(ep, round(l, 4), round(evaluate(model, Xva, yva), 4))
    print(f"final_metric={evaluate(model, Xva, yva):.4f}")


if __name__ == "__main__":
    main()
