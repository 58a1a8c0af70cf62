import math
import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
LR = 0.05
VOCAB, LENGTH = 12, 10


def lookup(n):
    """key/value pairs followed by a query key; answer is the value of that key"""
    keys = torch.stack([torch.randperm(VOCAB)[:LENGTH] for _ in range(n)])
    vals = torch.randint(0, VOCAB, (n, LENGTH))
    at = torch.randint(0, LENGTH, (n,))
    ar = torch.arange(n)
    return keys, vals, keys[ar, at], vals[ar, at]


class Reader(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.key = nn.Embedding(VOCAB, d)
        self.val = nn.Embedding(VOCAB, d)
        self.q = nn.Linear(d, d)
        self.k = nn.Linear(2 * d, d)
        self.v = nn.Linear(2 * d, d)
        self.mlp = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 64), nn.GELU(), nn.Linear(64, VOCAB))
        self.d = d

    def forward(self, keys, vals, query):
        kv = torch.cat([self.key(keys), self.val(vals)], -1)
        q = self.q(self.key(query)).unsqueeze(1)
        w = (q @ self.k(kv).transpose(1, 2) / math.sqrt(self.d)).softmax(-1)
        return self.mlp((w @ self.v(kv)).squeeze(1))


train, test = lookup(6000), lookup(600)
net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=LR)
for epoch in range(12):
    total = 0.0
    for b in torch.randperm(6000).split(60):
        loss = F.cross_entropy(net(*(t[b] for t in train[:3])), train[3][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (net(*test[:3]).argmax(1) == test[3]).float().mean().item()
    print(f"epoch {epoch} loss {total / 100:.3f} accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
