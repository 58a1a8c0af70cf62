import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
PAD, V, MAXLEN = 0, 12, 16


def pad(seqs, side):
    out = torch.full((len(seqs), MAXLEN), PAD)
    for i, s in enumerate(seqs):
        if side == "right":
            out[i, : len(s)] = s
        else:
            out[i, MAXLEN - len(s):] = s
    return out


def expressions(n):
    """label: the class of the second token"""
    seqs = [torch.randint(1, V, (int(torch.randint(4, 15, (1,))),)) for _ in range(n)]
    return seqs, torch.stack([(s[1] * 2 + s[0]) % 4 for s in seqs])


class Attn(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(V, d, padding_idx=PAD)
        self.pos = nn.Parameter(torch.randn(MAXLEN, d) * 0.3)
        self.query = nn.Linear(d, 2)
        self.mlp = nn.Sequential(nn.Linear(2 * d, 64), nn.ReLU(), nn.Linear(64, 4))

    def forward(self, t):
        h = self.tok(t) + self.pos
        a = self.query(h).masked_fill((t == PAD)[..., None], -1e9).softmax(1)
        return self.mlp((a.transpose(1, 2) @ h).flatten(1))


s, y = expressions(4000)
st, yt = expressions(800)
x = pad(s, "right")
xt = pad(st, "left")
model = Attn()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
for epoch in range(15):
    model.train()
    for b in torch.randperm(4000).split(50):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xt)
        acc = (out.argmax(1) == yt).float().mean().item()
    print(epoch, round(loss.item(), 4), "test", round(nn.functional.cross_entropy(out, yt).item(), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
