import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

MEAN, STD = 40.0, 60.0
seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)

GLYPHS = [
    "#### #  # #### #  # #  #", "###  #  # ###  #  # ### ", "#### #    #    #    ####",
    "###  #  # #  # #  # ### ", "#### #    ###  #    ####", "#### #    ###  #    #   ",
]


def glyph(k):
    rows = [(GLYPHS[k] + " " * 25)[5 * r:5 * r + 4] for r in range(5)]
    return np.array([[c == "#" for c in row] for row in rows], float)


def make(n):
    y = rng.randint(0, len(GLYPHS), n)
    x = rng.normal(15, 30, (n, 1, 10, 10))
    for i in range(n):
        r, c = rng.randint(0, 5), rng.randint(0, 6)
        x[i, 0, r:r + 5, c:c + 4] += 120 * glyph(y[i])
    x = (x.clip(0, 255) - MEAN) / STD
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))


class LetterNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32), nn.ReLU(),
            nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(128, 6))

    def forward(self, x):
        return self.net(x)


def train_one_epoch(model, loader, opt, crit):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = crit(model(x), y)
        loss.backward()
        opt.step()
    return loss.item()


def evaluate(model, loader, crit):
    model.eval()
    loss, hits, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += crit(out, y).item() * len(y)
            hits += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hits / n


def main():
    train_loader = DataLoader(make(3000), batch_size=50, shuffle=True)
    val_loader = DataLoader(make(600), batch_size=100)
    model = LetterNet()
    opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    crit = nn.CrossEntropyLoss()
    for epoch in range(5):
        tl = train_one_epoch(model, train_loader, opt, crit)
        vl, acc = evaluate(model, val_loader, crit)
        print(f"epoch {epoch} train {tl:.4f} val {vl:.4f} acc {acc:.4f}")
    print(f"final_metric={acc:.4f}")


main()
