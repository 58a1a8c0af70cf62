import os
import argparse
import torch
import torch.nn as nn


class Forecast(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(self.gru(x)[0])


def windows(n, T=20):
    f, p, a = torch.rand(n, 1) * 0.6 + 0.2, torch.rand(n, 1) * 6.28, torch.rand(n, 1) + 0.7
    s = a * torch.sin(f * torch.arange(T + 1) + p) + 0.05 * torch.randn(n, T + 1)
    return s[:, :-1, None], s[:, 1:, None]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--hidden", type=int, default=32)
    ap.add_argument("--lr", type=float, default=5e-3)
    args, _ = ap.parse_known_args()
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    x, y = windows(1000)
    xv, yv = windows(200)
    model = Forecast(args.hidden)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(10):
        for b in torch.randperm(1000).split(40):
            loss = nn.functional.mse_loss(model(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(epoch, loss.item())
    with torch.no_grad():
        print("final_metric=%.4f" % (1 - nn.functional.mse_loss(model(xv), yv) / yv.var()))


main()
