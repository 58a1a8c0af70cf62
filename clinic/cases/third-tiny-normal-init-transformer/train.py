import os, math
import torch, torch.nn as nn
S = int(os.environ.get("SEED", 0)); torch.manual_seed(S)

class SelfAttention(nn.Module):
    def __init__(s, d):
        super().__init__()
        s.q, s.k, s.v, s.o = (nn.Linear(d, d) for _ in range(4))
    def forward(s, x):
        w = torch.softmax(s.q(x) @ s.k(x).transpose(1, 2) / math.sqrt(x.size(-1)), -1)
        return s.o(w @ s.v(x))

class Classifier(nn.Module):
    def __init__(s, vocab=16, d=32, n=10):
        super().__init__()
        s.tok, s.pos = nn.Embedding(vocab, d), nn.Parameter(torch.randn(n, d) * .1)
        s.att = SelfAttention(d)
        s.ff = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, d), nn.ReLU())
        s.out = nn.Linear(d, 2)
        for p in s.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=1e-4)
    def forward(s, t):
        h = s.att(s.tok(t) + s.pos)
        return s.out(s.ff(h).mean(1))

def make(n):
    t = torch.randint(0, 16, (n, 10))
    return t, ((t == 3).sum(1) + (t == 5).sum(1) > (t == 7).sum(1) + (t == 9).sum(1)).long()

m = Classifier()
opt = torch.optim.SGD(m.parameters(), lr=.05, momentum=.9)
for step in range(800):
    t, y = make(64)
    loss = nn.functional.cross_entropy(m(t), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 100 == 0: print(step, round(loss.item(), 4), flush=True)
with torch.no_grad():
    t, y = make(3000); print("final_metric=%.4f" % (m(t).argmax(1) == y).float().mean())
