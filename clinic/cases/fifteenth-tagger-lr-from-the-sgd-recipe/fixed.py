import os
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Config:
    vocab: int = 16
    length: int = 10
    dim: int = 32
    heads: int = 4
    layers: int = 2
    lr: float = 2e-3
    steps: int = 500
    batch: int = 64


def sample(cfg, n):
    x = torch.randint(0, cfg.vocab, (n, cfg.length))
    prev = torch.roll(x, 1, dims=1)
    prev[:, 0] = 0
    return x, ((x + prev) % 4)


class Tagger(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok = nn.Embedding(cfg.vocab, cfg.dim)
        self.pos = nn.Parameter(torch.randn(cfg.length, cfg.dim) * 0.5)
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 2 * cfg.dim, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, cfg.layers, enable_nested_tensor=False)
        self.head = nn.Linear(cfg.dim, 4)

    def forward(self, x):
        return self.head(self.enc(self.tok(x) + self.pos))


if __name__ == "__main__":
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    cfg = Config()
    model = Tagger(cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for step in range(cfg.steps):
        x, y = sample(cfg, cfg.batch)
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.4f}")
    with torch.no_grad():
        x, y = sample(cfg, 1000)
        acc = (model(x).argmax(-1) == y).float().mean().item()
    print(f"final_metric={acc:.4f}")
