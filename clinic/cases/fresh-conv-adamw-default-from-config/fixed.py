import os
from dataclasses import dataclass
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


@dataclass
class Config:
    optimizer: str = "AdamW"
    lr: float = 0.002
    batch_size: int = 64
    epochs: int = 10
    weight_decay: float = 1e-4


class SmallConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def main(cfg):
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    d = load_digits()
    x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 8 - 0.6
    y = torch.tensor(d.target)
    p = torch.randperm(len(x))
    x, y = x[p], y[p]
    net = SmallConv()
    opt = getattr(torch.optim, cfg.optimizer)(net.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    for e in range(cfg.epochs):
        net.train()
        for ids in torch.randperm(1400).split(cfg.batch_size):
            loss = F.cross_entropy(net(x[ids]), y[ids])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(e, round(loss.item(), 4))
    net.eval()
    with torch.no_grad():
        acc = (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"final_metric={acc:.4f}")


main(Config())
