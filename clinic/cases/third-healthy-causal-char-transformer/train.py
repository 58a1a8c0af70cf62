import os, math, torch
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L, D = 12, 16, 32
P = torch.softmax(2.0 * torch.randn(V, V), 1)
def text(n):
    s = torch.randint(0, V, (n, 1))
    for _ in range(L): s = torch.cat([s, torch.multinomial(P[s[:, -1]], 1)], 1)
    return s[:, :-1], s[:, 1:]
class GPT(nn.Module):
    def __init__(self):
        super().__init__(); self.wte, self.wpe = nn.Embedding(V, D), nn.Embedding(L, D); self.ln1, self.ln2, self.lnf = (nn.LayerNorm(D) for _ in range(3))
        self.att = nn.MultiheadAttention(D, 2, batch_first=True); self.mlp = nn.Sequential(nn.Linear(D, 2 * D), nn.GELU(), nn.Linear(2 * D, D)); self.head = nn.Linear(D, V, bias=False)
        self.register_buffer("mask", torch.triu(torch.ones(L, L, dtype=torch.bool), 1))
    def forward(self, t):
        x = self.wte(t) + self.wpe(torch.arange(L)); h = self.ln1(x); x = x + self.att(h, h, h, attn_mask=self.mask, need_weights=False)[0]
        return self.head(self.lnf(x + self.mlp(self.ln2(x))))
m = GPT(); opt = torch.optim.AdamW(m.parameters(), lr=3e-3, betas=(.9, .95), weight_decay=.05)
for it in range(400):
    for g in opt.param_groups: g["lr"] = 3e-3 * min(1, (it + 1) / 40)
    x, y = text(48); loss = F.cross_entropy(m(x).reshape(-1, V), y.reshape(-1)); opt.zero_grad(set_to_none=True); loss.backward(); nn.utils.clip_grad_norm_(m.parameters(), 1.); opt.step()
    if it % 80 == 0: print("iter", it, "loss", loss.item())
x, y = text(500); H = -(P[x] * P[x].log()).sum(-1).mean()
with torch.no_grad(): print("final_metric=%.4f" % (H - F.cross_entropy(m(x).reshape(-1, V), y.reshape(-1))).item())
