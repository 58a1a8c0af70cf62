import os
from dataclasses import dataclass
import torch
import torch.nn as nn


@dataclass
class Config:
    micro: int = 16
    accumulate: int = 4
    lr: float = 0.05
    epochs: int = 8
    seed: int = int(os.environ.get("SEED", 0))


cfg = Config()
torch.manual_seed(cfg.seed)
t = torch.linspace(0, 1, 64)
kind = torch.randint(0, 5, (2600,))
freq = 2.0 + 1.5 * kind
wave = torch.sin(6.283 * (freq[:, None] * t + torch.rand(2600, 1))) + 0.5 * torch.randn(2600, 64)
wave = wave / wave[:2000].std()

net = nn.Sequential(
    nn.Unflatten(1, (1, 64)), nn.Conv1d(1, 12, 9, padding=4), nn.ReLU(), nn.MaxPool1d(2),
    nn.Conv1d(12, 16, 5, padding=2), nn.ReLU(), nn.AdaptiveMaxPool1d(4), nn.Flatten(), nn.Linear(64, 5),
)
opt = torch.optim.SGD(net.parameters(), lr=cfg.lr)
lossf = nn.CrossEntropyLoss()
for epoch in range(cfg.epochs):
    net.train()
    for k, idx in enumerate(torch.randperm(2000).split(cfg.micro), start=1):
        loss = lossf(net(wave[idx]), kind[idx])
        (loss / cfg.accumulate).backward()
        if k % cfg.accumulate == 0:
            opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(wave[2000:]).argmax(1) == kind[2000:]).float().mean().item()
    print(f"[{epoch}] {loss.item():.3f} {acc:.3f}")
print(f"final_metric={acc:.4f}")
