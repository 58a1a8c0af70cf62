import os, torch
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(int(os.environ.get("SEED", 0)))
M = torch.randn(8, 32)
def views(n):
    z = torch.randn(n, 8); x = z @ M / 8 ** .5 * 1.2
    return x + .4 * torch.randn(n, 32), x + .4 * torch.randn(n, 32)
enc = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 32)); proj = nn.Sequential(nn.ReLU(), nn.Linear(32, 16))
opt = torch.optim.AdamW([*enc.parameters(), *proj.parameters()], 1e-3)
def nce(a, b, tau=.3):
    a, b = F.normalize(a, dim=1), F.normalize(b, dim=1); s = a @ b.T / tau; t = torch.arange(len(a)); return (F.cross_entropy(s, t) + F.cross_entropy(s.T, t)) / 2
for i in range(600):
    a, b = views(96); loss = nce(proj(enc(a)), proj(enc(b)))
    opt.zero_grad(); loss.backward(); opt.step()
    if i % 100 == 0: print("iteration", i, "nce", loss.item())
a, b = views(200)
with torch.no_grad():
    s = F.normalize(proj(enc(a)), dim=1) @ F.normalize(proj(enc(b)), dim=1).T
    print("final_metric=%.4f" % (s.argmax(1) == torch.arange(200)).float().mean().item())
