import os, torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(int(os.environ.get("SEED", 0)))
V, D = 400, 16; group = torch.arange(V) // 40
inp, out = nn.Embedding(V, D, sparse=True), nn.Embedding(V, D, sparse=True)
nn.init.normal_(inp.weight, std=.3); nn.init.normal_(out.weight, std=.3)
opt = torch.optim.SparseAdam([*inp.parameters(), *out.parameters()], lr=2e-2)
for i in range(1500):
    c = torch.randint(0, V, (128,)); pos = group[c] * 40 + torch.randint(0, 40, (128,)); neg = torch.randint(0, V, (128, 4))
    v = inp(c); p = (v * out(pos)).sum(1); n = torch.einsum("bd,bkd->bk", v, out(neg))
    loss = -(F.logsigmoid(p).mean() + F.logsigmoid(-n).sum(1).mean())
    opt.zero_grad(); loss.backward(); opt.step()
    if i % 250 == 0: print("pairs", i * 128, "loss", loss.item())
with torch.no_grad():
    w = F.normalize(inp.weight, dim=1); s = w @ w.T; s.fill_diagonal_(-2)
    print("final_metric=%.4f" % (group[s.argmax(1)] == group).float().mean().item())
