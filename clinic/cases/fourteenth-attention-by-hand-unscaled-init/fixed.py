import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LENGTH, DIM = 16, 12, 32


def batch(n):
    """Sequence of symbols; the answer is the symbol that follows the marker 0."""
    x = torch.randint(1, VOCAB, (n, LENGTH))
    pos = torch.randint(0, LENGTH - 1, (n,))
    x[torch.arange(n), pos] = 0
    return x, x[torch.arange(n), pos + 1]


class SelfAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.wq = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
        self.wk = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
        self.wv = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)
        self.wo = nn.Parameter(torch.randn(dim, dim) / dim ** 0.5)

    def forward(self, x):
        q, k, v = x @ self.wq, x @ self.wk, x @ self.wv
        scores = q @ k.transpose(1, 2) / x.shape[-1] ** 0.5
        return scores.softmax(-1) @ v @ self.wo


class TinyTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, DIM)
        self.pos = nn.Parameter(torch.randn(LENGTH, DIM) * 0.5)
        self.attn = nn.ModuleList([SelfAttention(DIM) for _ in range(2)])
        self.norm = nn.ModuleList([nn.LayerNorm(DIM) for _ in range(2)])
        self.out = nn.Linear(DIM, VOCAB)

    def forward(self, x):
        h = self.tok(x) + self.pos
        for attn, norm in zip(self.attn, self.norm):
            h = h + attn(norm(h))
        return self.out(h.mean(1))


net = TinyTransformer()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
xv, yv = batch(1000)
for step in range(450):
    x, y = batch(64)
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    acc = (net(xv).argmax(1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
