import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
t = torch.rand(3000, 3) * 2 - 1
mix = torch.randn(6, 20) / 6 ** 0.5
X = torch.cat([t, t ** 2 - 0.33, ], 1) @ mix + 0.02 * torch.randn(3000, 20)
X = (X - X.mean(0)) / X.std(0)
tr, va = X[:2500], X[2500:]
enc = nn.Sequential(nn.Linear(20, 48), nn.ELU(), nn.Linear(48, 3))
dec = nn.Sequential(nn.Linear(3, 48), nn.ELU(), nn.Linear(48, 20))
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=3e-3)
for epoch in range(15):
    for i in torch.randperm(2500).split(50):
        loss = (dec(enc(tr[i])) - tr[i]).square().mean()
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        val = (dec(enc(va)) - va).square().mean().item()
    print(f"{epoch} {loss.item():.4f} {val:.4f}")
print(f"final_metric={1 - val / va.var().item():.4f}")
