"""Did the last symbol occur in the first half of the sequence? LSTM + linear head."""
import argparse
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build(n, length=10):
    x = torch.randint(0, 4, (n, length))
    # 1 if the last symbol already occurred in the first half of the sequence
    y = (x[:, : length // 2] == x[:, -1:]).any(dim=1).long()
    return TensorDataset(x, y)


class Model(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(4, 8)
        self.lstm = nn.LSTM(8, hid, batch_first=True)
        self.head = nn.Linear(hid, 2)

    def forward(self, x):
        states, _ = self.lstm(self.emb(x))
        last = states[:, -1]
        return self.head(last)


def run_epoch(model, loader, crit, opt=None):
    training = opt is not None
    model.train(training)
    n = ok = 0
    total = 0.0
    with torch.set_grad_enabled(training):
        for xb, yb in loader:
            out = model(xb)
            loss = crit(out, yb)
            if training:
                opt.zero_grad()
                loss.backward()
                opt.step()
            total += loss.item() * len(yb)
            ok += (out.argmax(1) == yb).sum().item()
            n += len(yb)
    return total / n, ok / n


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", default=22, type=int)
    ap.add_argument("--hidden", default=16, type=int)
    ap.add_argument("--lr", default=1e-2, type=float)
    cfg = ap.parse_args()
    torch.manual_seed(int(os.environ.get("SEED", 0)))

    tr = DataLoader(build(2500), batch_size=50, shuffle=True)
    va = DataLoader(build(500), batch_size=250)
    model = Model(cfg.hidden)
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.NAdam(model.parameters(), lr=cfg.lr)
    for ep in range(cfg.epochs):
        tl, ta = run_epoch(model, tr, crit, opt)
        vl, va_acc = run_epoch(model, va, crit)
        print(f"{ep:3d}  train {tl:.3f}/{ta:.3f}  val {vl:.3f}/{va_acc:.3f}")
    print(f"final_metric={va_acc:.4f}")


if __name__ == "__main__":
    main()
