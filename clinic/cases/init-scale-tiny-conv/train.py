import argparse
import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def checker(n, rng):
    """stripes of period 2, 3 or 4 in either direction, random phase, noise"""
    kinds = rng.integers(0, 6, n)
    r = np.arange(12)
    imgs = np.zeros((n, 1, 12, 12), dtype=np.float32)
    for i, k in enumerate(kinds):
        wave = np.sign(np.sin(2 * np.pi * (r + rng.uniform(0, 4)) / (2 + k % 3) + 0.01))
        imgs[i, 0] = wave[:, None] if k < 3 else wave[None, :]
    imgs += rng.normal(0, 0.5, imgs.shape)
    return torch.tensor(imgs).float(), torch.tensor(kinds)


def build_model():
    net = nn.Sequential(
        nn.Conv2d(1, 10, 3), nn.ReLU(),
        nn.Conv2d(10, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(24 * 4, 6),
    )
    for p in net.parameters():
        nn.init.uniform_(p, -0.001, 0.001)
    return net


def evaluate(net, loader):
    net.eval()
    hit = tot = 0
    with torch.no_grad():
        for x, y in loader:
            hit += (net(x).argmax(1) == y).sum().item()
            tot += y.numel()
    return hit / tot


def main(args):
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    train = DataLoader(TensorDataset(*checker(1200, rng)), args.bs, shuffle=True)
    valid = DataLoader(TensorDataset(*checker(300, rng)), 100)
    net = build_model()
    optim = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9)
    crit = nn.CrossEntropyLoss()
    for ep in range(args.epochs):
        net.train()
        for x, y in train:
            optim.zero_grad()
            loss = crit(net(x), y)
            loss.backward()
            optim.step()
        print(f"ep {ep} loss {loss.item():.4f} valid acc {evaluate(net, valid):.4f}")
    print(f"final_metric={evaluate(net, valid):.4f}")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--bs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=0.05)
    ap.add_argument("--epochs", type=int, default=12)
    main(ap.parse_args())
