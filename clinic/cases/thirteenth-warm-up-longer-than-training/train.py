import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
WARMUP = 20000
STEPS = 360
V, L, D = 10, 8, 32


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, D)
        self.pos = nn.Embedding(L, D)
        self.attn = nn.MultiheadAttention(D, 2, batch_first=True)
        self.n1, self.n2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.ff = nn.Sequential(nn.Linear(D, 64), nn.ReLU(), nn.Linear(64, D))
        self.head = nn.Linear(D, V)

    def forward(self, s):
        h = self.emb(s) + self.pos(torch.arange(L))
        z = self.n1(h)
        h = h + self.attn(z, z, z, need_weights=False)[0]
        h = h + self.ff(self.n2(h))
        return self.head(h)


def reverse_task(n):
    s = torch.randint(0, V, (n, L))
    return s, s.flip(1)


model = Attention()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: min(1.0, (k + 1) / WARMUP))
for step in range(STEPS):
    s, t = reverse_task(64)
    loss = nn.functional.cross_entropy(model(s).flatten(0, 1), t.flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 60 == 0:
        print(step, loss.item(), sched.get_last_lr())
model.eval()
with torch.no_grad():
    s, t = reverse_task(500)
    print(f"final_metric={(model(s).argmax(-1) == t).float().mean():.4f}")
