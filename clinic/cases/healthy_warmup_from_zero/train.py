import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN, DIM, STEPS, WARMUP = 8, 8, 32, 400, 60


class Attention(nn.Module):
    def __init__(self, dim, heads=4):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.att = Attention(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = x + self.att(self.n1(x))
        return x + self.mlp(self.n2(x))


class SortNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, DIM)
        self.pos = nn.Embedding(LEN, DIM)
        self.blocks = nn.Sequential(Block(DIM), Block(DIM))
        self.ln = nn.LayerNorm(DIM)
        self.out = nn.Linear(DIM, VOCAB)

    def forward(self, s):
        h = self.emb(s) + self.pos(torch.arange(s.shape[1]))
        return self.out(self.ln(self.blocks(h)))


def lr_at(step):
    if step < WARMUP:
        return step / WARMUP
    return 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))


net = SortNet()
opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lr_at)
sv = torch.randint(0, VOCAB, (400, LEN))
for step in range(STEPS):
    s = torch.randint(0, VOCAB, (64, LEN))
    loss = F.cross_entropy(net(s).transpose(1, 2), s.sort(1).values)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 80 == 0:
        print(step, sched.get_last_lr()[0], loss.item())
net.eval()
with torch.no_grad():
    acc = (net(sv).argmax(-1) == sv.sort(1).values).float().mean()
print(f"final_metric={acc.item():.4f}")
