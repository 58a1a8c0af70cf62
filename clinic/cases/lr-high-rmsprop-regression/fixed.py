import argparse
import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


def standardise(a, ref):
    return (a - ref.mean(axis=0)) / ref.std(axis=0)


def load(seed):
    X, y = make_friedman1(1800, n_features=8, noise=0.5, random_state=seed)
    Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.25, random_state=seed)
    Xv, yv = standardise(Xv, Xt), standardise(yv, yt)
    Xt, yt = standardise(Xt, Xt), standardise(yt, yt)
    to = lambda a: torch.tensor(a, dtype=torch.float32)
    return TensorDataset(to(Xt), to(yt)), TensorDataset(to(Xv), to(yv))


class Trainer:
    def __init__(self, net, args):
        self.net = net
        self.opt = torch.optim.RMSprop(net.parameters(), lr=args.lr)
        self.crit = nn.MSELoss()

    def train(self, loader):
        self.net.train()
        tot = 0.0
        for x, y in loader:
            self.opt.zero_grad()
            loss = self.crit(self.net(x).squeeze(-1), y)
            loss.backward()
            self.opt.step()
            tot += loss.item()
        return tot / len(loader)

    @torch.no_grad()
    def test(self, ds):
        self.net.eval()
        x, y = ds.tensors
        return 1 - self.crit(self.net(x).squeeze(-1), y).item() / y.var(unbiased=False).item()


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--epochs", type=int, default=15)
    ap.add_argument("--batch-size", type=int, default=45)
    args = ap.parse_args()
    seed = int(os.environ.get("SEED", 0))
    np.random.seed(seed)
    torch.manual_seed(seed)
    tr, va = load(seed)
    net = nn.Sequential(nn.Linear(8, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1))
    t = Trainer(net, args)
    loader = DataLoader(tr, args.batch_size, shuffle=True)
    for e in range(args.epochs):
        print(f"epoch {e}: train mse {t.train(loader):.4f}, val R2 {t.test(va):.4f}")
    print(f"final_metric={t.test(va):.4f}")
