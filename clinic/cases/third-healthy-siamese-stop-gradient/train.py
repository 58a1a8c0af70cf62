import os, torch
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(int(os.environ.get("SEED", 0)))
C = torch.randn(6, 24)
def two(n):
    y = torch.randint(0, 6, (n,)); x = C[y] + .5 * torch.randn(n, 24); return x + .3 * torch.randn(n, 24), x + .3 * torch.randn(n, 24), y
f = nn.Sequential(nn.Linear(24, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32), nn.BatchNorm1d(32)); h = nn.Sequential(nn.Linear(32, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 32))
opt = torch.optim.SGD([*f.parameters(), *h.parameters()], lr=.05, momentum=.9, weight_decay=1e-4)
neg = lambda p, z: -F.cosine_similarity(p, z.detach(), dim=1).mean()
for s in range(500):
    a, b, _ = two(128); za, zb = f(a), f(b); loss = .5 * neg(h(za), zb) + .5 * neg(h(zb), za)
    opt.zero_grad(); loss.backward(); opt.step()
    if s % 100 == 0: print(f"step {s} loss {loss.item():.4f} std {F.normalize(za, dim=1).std(0).mean().item():.4f}")
f.eval(); a, _, y = two(1500)
with torch.no_grad():
    z = F.normalize(f(a), dim=1); sim = z @ z.T; sim.fill_diagonal_(-2); print("final_metric=%.4f" % (y[sim.argmax(1)] == y).float().mean().item())
