import argparse
import os

import torch
import torch.nn as nn
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset

parser = argparse.ArgumentParser(description="classify toy accelerometer gestures")
parser.add_argument("--hidden", type=int, default=32)
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--lr", type=float, default=5e-3)
parser.add_argument("--batch", type=int, default=40)


def record_gesture(kind, n, length=25):
    t = torch.linspace(0, 1, length)
    amp = 0.8 + 0.4 * torch.rand(n, 1)
    shift = 0.3 * torch.rand(n, 1)
    freq = [2.0, 2.6, 3.2, 2.0, 2.6][kind]
    lag = [0.0, 0.0, 0.0, 1.57, 1.57][kind]
    x = amp * torch.sin(6.283 * freq * (t + shift))
    y = amp * torch.sin(6.283 * freq * (t + shift) + lag)
    seq = torch.stack([x, y], -1) + 0.3 * torch.randn(n, length, 2)
    return TensorDataset(seq, torch.full((n,), kind))


class GestureNet(nn.Module):
    def __init__(self, hidden, classes=5):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, classes)

    def forward(self, seq):
        out, _ = self.lstm(seq)
        return self.fc(out.mean(dim=1))


def train_one_epoch(net, loader, opt):
    net.train()
    total = 0.0
    for seq, label in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(seq), label)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def evaluate(net, loader):
    net.eval()
    ok = n = 0
    for seq, label in loader:
        ok += (net(seq).argmax(-1) == label).sum().item()
        n += label.numel()
    return ok / n


def main():
    args = parser.parse_args()
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    train = ConcatDataset([record_gesture(k, 480) for k in range(5)])
    valid = ConcatDataset([record_gesture(k, 100) for k in range(5)])
    train_loader = DataLoader(train, batch_size=args.batch, shuffle=True, drop_last=True)
    valid_loader = DataLoader(valid, batch_size=250)
    net = GestureNet(args.hidden)
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        loss = train_one_epoch(net, train_loader, opt)
        acc = evaluate(net, valid_loader)
        print("epoch %d: loss=%.3f valid_acc=%.3f" % (epoch + 1, loss, acc))
    print("final_metric=%.4f" % acc)


if __name__ == "__main__":
    main()
