import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 3)))
V, L = 12, 8   # reverse a word of 8 letters


class Encoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.e = nn.Embedding(V, h); self.g = nn.GRU(h, h, batch_first=True)

    def forward(self, s):
        return self.g(self.e(s))[1]


class Decoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.e = nn.Embedding(V + 1, h); self.g = nn.GRU(h, h, batch_first=True); self.o = nn.Linear(h, V)

    def forward(self, prev, h):
        z, _ = self.g(self.e(prev), h)
        return self.o(z)


class Trainer:
    def __init__(self, hidden=48):
        self.enc, self.dec = Encoder(hidden), Decoder(hidden)
        self.enc_opt = torch.optim.Adam(self.enc.parameters(), 3e-3)
        self.dec_opt = torch.optim.Adam(self.dec.parameters(), 3e-3)
        self.crit = nn.CrossEntropyLoss()

    def batch(self, n=64):
        s = torch.randint(0, V, (n, L))
        t = s.flip(1)
        go = torch.cat([torch.full((n, 1), V), t[:, :-1]], 1)
        return s, go, t

    def step(self):
        s, go, t = self.batch()
        self.enc_opt.zero_grad(); self.dec_opt.zero_grad()
        hidden = self.enc(s)
        out = self.dec(go, hidden)
        loss = self.crit(out.reshape(-1, V), t.reshape(-1))
        loss.backward()
        self.enc_opt.step(); self.dec_opt.step()
        return loss.item()

    def evaluate(self):
        with torch.no_grad():
            s, go, t = self.batch(500)
            return (self.dec(go, self.enc(s)).argmax(-1) == t).float().mean().item()


tr = Trainer()
avg = 0
for it in range(900):
    avg = .95 * avg + .05 * tr.step()
    if it % 150 == 149:
        print("iter", it + 1, "avg loss", avg, "token acc", tr.evaluate())
print("final_metric=%.4f" % tr.evaluate())
