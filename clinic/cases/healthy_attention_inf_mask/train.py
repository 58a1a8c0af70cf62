import math
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L, D = 30, 12, 32


def batch(n):
    # key tokens 1..9, "find the value right after the marker 29", sequences padded with 0
    lens = torch.randint(5, L + 1, (n,))
    x = torch.randint(1, 28, (n, L))
    pos = (torch.rand(n) * (lens - 1)).long()
    val = torch.randint(1, 9, (n,))
    r = torch.arange(n)
    x[r, pos] = 29
    x[r, pos + 1] = val
    pad = torch.arange(L)[None] >= lens[:, None]
    return x.masked_fill(pad, 0), val, pad


class Finder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, D, padding_idx=0)
        self.mix = nn.Conv1d(D, D, 2, padding=1)
        self.q = nn.Parameter(torch.randn(D))
        self.k, self.v = nn.Linear(D, D), nn.Linear(D, D)
        self.out = nn.Linear(D, 9)

    def forward(self, x, pad):
        h = self.emb(x)
        h = torch.relu(self.mix(h.transpose(1, 2))[..., :L]).transpose(1, 2)
        scores = self.k(h) @ self.q / math.sqrt(D)
        scores = scores.masked_fill(pad, float("-inf"))
        w = scores.softmax(-1)
        return self.out((w.unsqueeze(-1) * self.v(h)).sum(1))


net = Finder()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
xv, yv, pv = batch(600)
for it in range(600):
    x, y, pad = batch(64)
    loss = nn.functional.cross_entropy(net(x, pad), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
with torch.no_grad():
    print(f"final_metric={(net(xv, pv).argmax(1) == yv).float().mean().item():.4f}")
