import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
proto = torch.randn(9, 24)
def sample(n, lo, hi):
    y = torch.randint(lo, hi, (n,)); return proto[y] + .6 * torch.randn(n, 24), y - lo
backbone = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
# --- pretraining on classes 0..5
pre = nn.Sequential(backbone, nn.Linear(64, 6)); o = torch.optim.Adam(pre.parameters(), 2e-3)
for _ in range(200):
    x, y = sample(64, 0, 6); o.zero_grad(); nn.functional.cross_entropy(pre(x), y).backward(); o.step()
# --- transfer to classes 6..8, backbone fixed
for p in backbone.parameters(): p.requires_grad_(False)
head = nn.Linear(64, 3)
model = nn.Sequential(backbone, head)
opt = torch.optim.Adam(head.parameters(), lr=5e-3)
for s in range(300):
    x, y = sample(64, 6, 9)
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if s % 60 == 0: print("transfer step", s, loss.item())
x, y = sample(1000, 6, 9)
with torch.no_grad(): print("final_metric=%.4f" % (model(x).argmax(1) == y).float().mean().item())
