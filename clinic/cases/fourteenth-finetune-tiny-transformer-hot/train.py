import os
from dataclasses import dataclass
import torch
from torch import nn


@dataclass
class TrainConfig:
    lr: float = 0.05
    weight_decay: float = 0.01
    epochs: int = 6
    batch_size: int = 64
    dim: int = 32
    heads: int = 4
    seed: int = int(os.environ.get("SEED", 0))


cfg = TrainConfig()
torch.manual_seed(cfg.seed)
VOCAB, LEN = 30, 14


def make(n):
    """Balanced: does the sequence read the same symbol at the first and last place?"""
    x = torch.randint(2, VOCAB, (n, LEN))
    y = (torch.rand(n) < 0.5).long()
    where = torch.rand(n, LEN).argsort(1)[:, :2]
    x[torch.arange(n), where[:, 0]] = 0
    x[torch.arange(n), where[:, 1]] = torch.where(y == 1, 1, 0)
    return x, y


class Encoder(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, cfg.dim)
        self.pos = nn.Embedding(LEN, cfg.dim)
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 2 * cfg.dim, 0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2)
        self.cls = nn.Linear(cfg.dim, 2)

    def forward(self, x):
        h = self.emb(x) + self.pos(torch.arange(x.shape[1]))
        return self.cls(self.enc(h).mean(1))


model = Encoder(cfg)
opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
xtr, ytr = make(1600)
xte, yte = make(600)
for epoch in range(cfg.epochs):
    model.train()
    for idx in torch.randperm(len(xtr)).split(cfg.batch_size):
        loss = nn.functional.cross_entropy(model(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xte).argmax(1) == yte).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
