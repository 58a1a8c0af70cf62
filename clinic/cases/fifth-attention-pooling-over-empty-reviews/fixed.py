import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, T = 200, 16
good = torch.arange(1, 31)
bad = torch.arange(31, 61)


def reviews(n):
    """ids 0 = padding; a share of customers leaves the text field empty"""
    y = (torch.rand(n) < 0.5).long()
    ids = torch.randint(61, V, (n, T))
    for i in range(n):
        k = torch.randperm(T)[:4]
        words = good if y[i] else bad
        ids[i, k] = words[torch.randint(0, 30, (4,))]
    length = torch.randint(8, T + 1, (n,))
    length[torch.rand(n) < 0.004] = 0
    ids[torch.arange(T)[None] >= length[:, None]] = 0
    return ids, y


class Reader(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(V, d, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(T, d) * 0.02)
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 64), nn.GELU(), nn.Linear(64, 2))

    def forward(self, ids):
        x = self.emb(ids) + self.pos
        s = self.q(x) @ self.k(x).transpose(1, 2) / math.sqrt(x.shape[-1])
        pad = ids.eq(0)[:, None, :]
        s = s.masked_fill(pad, -1e4)
        h = s.softmax(-1) @ self.v(x)
        return self.ff((x + h).mean(1))


xtr, ytr = reviews(4000)
xva, yva = reviews(800)
model = Reader()
opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
for epoch in range(6):
    model.train()
    for b in torch.randperm(4000).split(64):
        loss = nn.functional.cross_entropy(model(xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xva).argmax(1) == yva).float().mean().item()
    print(epoch, "loss", loss.item(), "val acc", acc)
print(f"final_metric={acc:.4f}")
