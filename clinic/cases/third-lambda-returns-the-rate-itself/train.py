import os
import math
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
TOTAL, PEAK, WARM = 800, 1e-3, 60
def rate(step):
    """linear warm-up then cosine"""
    if step < WARM:
        return PEAK * (step + 1) / WARM
    return PEAK * .5 * (1 + math.cos(math.pi * (step - WARM) / (TOTAL - WARM)))

class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mix = nn.Conv1d(d, d, 3, padding=1); self.ff = nn.Linear(d, d)
    def forward(self, x):
        x = x + torch.relu(self.mix(self.n1(x).transpose(1, 2))).transpose(1, 2)
        return x + torch.relu(self.ff(self.n2(x)))
class Spotter(nn.Module):
    """does the motif 3-1-4 occur in the string?"""
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(6, 24); self.b = nn.Sequential(Block(24), Block(24)); self.o = nn.Linear(24, 1)
    def forward(self, t): return self.o(self.b(self.e(t)).amax(1)).squeeze(1)
def batch(n):
    t = torch.randint(0, 6, (n, 14)); k = torch.randint(0, 12, (n,)); put = torch.rand(n) < .5
    for j, v in enumerate((3, 1, 4)):
        t[put, k[put] + j] = v
    hit = ((t[:, :-2] == 3) & (t[:, 1:-1] == 1) & (t[:, 2:] == 4)).any(1)
    return t, hit.float()
m = Spotter(); opt = torch.optim.AdamW(m.parameters(), lr=PEAK)
sched = torch.optim.lr_scheduler.LambdaLR(opt, rate)
for s in range(TOTAL):
    t, y = batch(64)
    loss = nn.functional.binary_cross_entropy_with_logits(m(t), y)
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    if s % 100 == 0: print(s, "lr", sched.get_last_lr()[0], "loss", loss.item())
with torch.no_grad():
    t, y = batch(2000); print("final_metric=%.4f" % ((m(t) > 0).float() == y).float().mean())
