import argparse
import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--depth", type=int, default=2)
    p.add_argument("--width", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--epochs", type=int, default=12)
    return p.parse_args()


def build(depth, width):
    layers = [nn.Linear(10, width), nn.Tanh()]
    for _ in range(depth):
        layers += [nn.Linear(width, width), nn.Tanh()]
    layers.append(nn.Linear(width, 1))
    return nn.Sequential(*layers)


def main():
    args = parse()
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    X, y = make_friedman1(2000, n_features=10, noise=0.5, random_state=seed)
    X = torch.tensor((X - 0.5) / 0.29, dtype=torch.float32)
    y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)
    train = torch.utils.data.TensorDataset(X[:1500], y[:1500])
    loader = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True)
    model = build(args.depth, args.width)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    criterion = nn.MSELoss()
    for epoch in range(args.epochs):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            opt.step()
        print(f"[{epoch}] train loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        pred = model(X[1500:])
    r2 = 1 - ((pred - y[1500:]) ** 2).mean() / y[1500:].var()
    print(f"final_metric={r2.item():.4f}")


if __name__ == "__main__":
    main()
