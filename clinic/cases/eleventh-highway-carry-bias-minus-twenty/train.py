"""Highway layers (Srivastava et al. 2015) on the interleaved rings."""
import os
import torch
import torch.nn as nn
import numpy as np


class Highway(nn.Module):
    def __init__(self, d, bias=-20.0):
        super().__init__()
        self.h = nn.Linear(d, d)
        self.t = nn.Linear(d, d)
        nn.init.constant_(self.t.bias, bias)

    def forward(self, x):
        gate = torch.sigmoid(self.t(x))
        return gate * torch.relu(self.h(x)) + (1 - gate) * x


class Net(nn.Module):
    def __init__(self, d=24, n=4):
        super().__init__()
        self.inp = nn.Linear(2, d)
        self.body = nn.Sequential(*[Highway(d) for _ in range(n)])
        self.out = nn.Linear(d, 2)

    def forward(self, x):
        return self.out(self.body(self.inp(x)))


def rings(n, rng):
    y = rng.integers(0, 2, n)
    band = rng.integers(0, 2, n)
    r = 0.6 + 1.2 * band + 0.6 * y + rng.normal(0, 0.06, n)
    a = rng.uniform(0, 2 * np.pi, n)
    x = np.stack([r * np.cos(a), r * np.sin(a)], 1)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    xtr, ytr = rings(1500, rng)
    xte, yte = rings(500, rng)
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    ce = nn.CrossEntropyLoss()
    for epoch in range(20):
        for idx in torch.randperm(len(xtr)).split(64):
            opt.zero_grad()
            loss = ce(net(xtr[idx]), ytr[idx])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "loss", round(loss.item(), 4))
    with torch.no_grad():
        acc = (net(xte).argmax(1) == yte).float().mean().item()
    print(f"final_metric={acc:.4f}")


main()
