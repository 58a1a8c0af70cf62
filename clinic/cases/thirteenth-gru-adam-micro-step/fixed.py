import argparse
import os
import torch
import torch.nn as nn


class WaveClassifier(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.fc = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 3))

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h[-1])


def waves(n, length=24):
    kind = torch.randint(0, 3, (n,))
    t = torch.linspace(0, 4, length)[None] + torch.rand(n, 1)
    sine = torch.sin(2 * torch.pi * t)
    square = sine.sign()
    saw = 2 * (t % 1) - 1
    x = torch.stack([sine, square, saw], 1)[torch.arange(n), kind]
    return (x + 0.2 * torch.randn_like(x)).unsqueeze(-1), kind


def main(args):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    xtr, ytr = waves(1500)
    xva, yva = waves(500)
    model = WaveClassifier(args.hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        for b in torch.randperm(len(ytr)).split(args.batch_size):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(xtr[b]), ytr[b])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        acc = (model(xva).argmax(1) == yva).float().mean()
    print(f"final_metric={acc.item():.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=50)
    main(parser.parse_args())
