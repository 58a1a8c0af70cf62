import argparse
import os
import torch
from torch import nn


def spectra(n, gen):
    f = torch.linspace(0, 1, 40)
    amp = torch.rand(n, 3, generator=gen) + 0.2
    shift = 0.04 * torch.randn(n, 1, generator=gen)
    s = sum(amp[:, i:i + 1] * torch.exp(-((f - c - shift) / 0.06) ** 2) for i, c in enumerate((0.2, 0.5, 0.75)))
    return s + 0.03 * torch.randn(n, 40, generator=gen)


class AE(nn.Module):
    def __init__(self, width, code):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(40, width), nn.ELU(), nn.Linear(width, code))
        self.dec = nn.Sequential(nn.Linear(code, width), nn.ELU(), nn.Linear(width, 40))

    def forward(self, x):
        return self.dec(self.enc(x))


def main(args):
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed + 3)
    train, test = spectra(2000, gen), spectra(400, gen)
    mu, sd = train.mean(0), train.std(0)
    train, test = (train - mu) / sd, (test - mu) / sd
    model = AE(args.width, args.code)
    opt = torch.optim.RMSprop(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        total = 0.0
        for b in torch.randperm(len(train)).split(args.batch):
            loss = (model(train[b]) - train[b]).pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        with torch.no_grad():
            val = (model(test) - test).pow(2).mean().item()
        print("epoch %2d  train %.4f  test %.4f" % (epoch, total / len(train), val))
    print("final_metric=%.4f" % max(1 - val / test.var().item(), -10))


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--batch", type=int, default=50)
    p.add_argument("--width", type=int, default=64)
    p.add_argument("--code", type=int, default=5)
    main(p.parse_args([]))
