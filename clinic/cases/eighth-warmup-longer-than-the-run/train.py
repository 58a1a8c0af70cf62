import os
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
WARMUP, TOTAL, PEAK = 40_000, 600, 2e-3


def factor(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - WARMUP) / max(1, TOTAL - WARMUP))))


def copy_task(n):
    """Next token is the token three places before."""
    s = torch.randint(0, 10, (n, 12))
    for k in range(3, 12):
        keep = torch.rand(n) < 0.9
        s[:, k] = torch.where(keep, (s[:, k - 3] + 1) % 10, s[:, k])
    return s


class CausalConvLM(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.Embedding(10, d)
        self.conv = nn.Conv1d(d, d, 4)
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, 10)

    def forward(self, s):
        h = F.pad(self.emb(s).transpose(1, 2), (3, 0))
        return self.out(self.norm(F.gelu(self.conv(h)).transpose(1, 2)))


net = CausalConvLM()
opt = torch.optim.AdamW(net.parameters(), lr=PEAK, weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, factor)
dev = copy_task(400)
for step in range(1, TOTAL + 1):
    s = copy_task(48)
    loss = F.cross_entropy(net(s[:, :-1]).flatten(0, 1), s[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 100 == 0:
        with torch.no_grad():
            pred = net(dev[:, :-1])[:, 2:].argmax(-1)
            acc = (pred == dev[:, 3:]).float().mean().item()
        print(f"step {step} loss {loss.item():.3f} lr {sched.get_last_lr()[0]:.2e} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
