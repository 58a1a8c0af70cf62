import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, B, T = 14, 32, 16
trans = torch.randint(0, V, (V, V), generator=torch.Generator().manual_seed(4))


def chains(n):
    """second-order chain: next = table[a, b], one in ten at random"""
    s = [torch.randint(0, V, (n,)), torch.randint(0, V, (n,))]
    for _ in range(T - 1):
        nxt = trans[s[-2], s[-1]]
        s.append(torch.where(torch.rand(n) < 0.1, torch.randint(0, V, (n,)), nxt))
    return torch.stack(s, 1)


class LM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.gru = nn.GRU(d, 64)
        self.out = nn.Linear(64, V)

    def forward(self, tok):  # [B, T]
        h, _ = self.gru(self.emb(tok.t()))
        return self.out(h)  # [T, B, V]


model = LM()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for step in range(600):
    s = chains(B)
    inp, tgt = s[:, :-1], s[:, 1:]
    logits = model(inp)
    loss = nn.functional.cross_entropy(logits.reshape(-1, V), tgt.t().reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 60 == 0:
        print(step, loss.item())
with torch.no_grad():
    s = chains(400)
    pred = model(s[:, :-1]).argmax(-1).t()
print(f"final_metric={(pred == s[:, 1:]).float()[:, 1:].mean().item():.4f}")
