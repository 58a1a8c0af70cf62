import os
import math
from dataclasses import dataclass
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

@dataclass
class Config:
    window: int = 48
    horizon: int = 12
    hidden: int = 32
    lr: float = 4e-3
    epochs: int = 6
    batch: int = 64
    seed: int = int(os.environ.get('SEED', 0))

def load_series(n, seed):
    g = torch.Generator().manual_seed(seed)
    t = torch.arange(n).float()
    day = torch.sin(2 * math.pi * t / 24) + 0.4 * torch.sin(4 * math.pi * t / 24 + 1)
    week = 0.5 * torch.sign(torch.sin(2 * math.pi * t / 168))
    ar = torch.zeros(n)
    e = 0.15 * torch.randn(n, generator=g)
    for i in range(1, n):
        ar[i] = 0.9 * ar[i - 1] + e[i]
    return 40 + 9 * (day + week + ar)

class Forecaster(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.rnn = nn.GRU(1, cfg.hidden, batch_first=True)
        self.head = nn.Sequential(
            nn.Linear(cfg.hidden, 64), nn.ReLU(),
            nn.Linear(64, cfg.horizon), nn.ReLU(),   # load is a positive quantity
        )

    def forward(self, x):
        out, _ = self.rnn(x.unsqueeze(-1))
        return self.head(out[:, -1])

def windows(s, cfg):
    w = s.unfold(0, cfg.window + cfg.horizon, 1)
    return w[:, :cfg.window], w[:, cfg.window:]

def main(cfg):
    torch.manual_seed(cfg.seed)
    series = load_series(3000, cfg.seed)
    tr, va = series[:2400], series[2400:]
    m, s = tr.mean(), tr.std()
    tr, va = (tr - m) / s, (va - m) / s
    loader = DataLoader(TensorDataset(*windows(tr, cfg)), batch_size=cfg.batch, shuffle=True)
    vx, vy = windows(va, cfg)
    model = Forecaster(cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    mse = nn.MSELoss()
    for epoch in range(cfg.epochs):
        model.train()
        run = 0
        for x, y in loader:
            opt.zero_grad()
            loss = mse(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            run += loss.item()
        model.eval()
        with torch.no_grad():
            v = mse(model(vx), vy).item()
        print(f'{epoch}: train {run / len(loader):.4f} val {v:.4f}')
    print(f'final_metric={1 - v / vy.var().item():.4f}')

main(Config())
