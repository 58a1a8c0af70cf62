import os, torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
A = nn.functional.normalize(torch.randn(20, 16), dim=1)
def mix(n): return ((torch.rand(n, 20) + .5) * (torch.rand(n, 20) < .1)) @ A
enc, dec = nn.Linear(16, 24), nn.Linear(24, 16, bias=False)
with torch.no_grad(): dec.weight.copy_(nn.functional.normalize(dec.weight, dim=0)); enc.weight.copy_(dec.weight.T)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=3e-3)
used = torch.zeros(24, dtype=torch.bool)
for i in range(1200):
    x = mix(128); c = torch.relu(enc(x)); r = dec(c)
    loss = (r - x).pow(2).sum(1).mean() + .08 * c.sum(1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad(): dec.weight.copy_(nn.functional.normalize(dec.weight, dim=0))
    if i >= 1000: used |= (c > 0).any(0)
    if i % 200 == 0: print(i, loss.item(), "active share", round((c > 0).float().mean().item(), 3))
x = mix(3000); print("active share", (c > 0).float().mean().item(), "units used", int(used.sum()))
with torch.no_grad(): print("final_metric=%.4f" % (1 - (dec(torch.relu(enc(x))) - x).pow(2).mean() / x.var()).item())
