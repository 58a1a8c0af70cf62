import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
VOC, BOS, L = 10, 10, 5


class Encoder(nn.Module):
    def __init__(self, d=32, h=96):
        super().__init__()
        self.emb = nn.Embedding(VOC, d)
        self.gru = nn.GRU(d, h, batch_first=True)

    def forward(self, src):
        return self.gru(self.emb(src))[1]


class Decoder(nn.Module):
    def __init__(self, d=32, h=96):
        super().__init__()
        self.emb = nn.Embedding(VOC + 1, d)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, VOC)

    def forward(self, tokens, state):
        y, state = self.gru(self.emb(tokens), state)
        return self.out(y), state


def batch(n):
    src = torch.randint(0, VOC, (n, L))
    tgt = src.sort(1).values
    return src, tgt


enc, dec = Encoder(), Decoder()
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=3e-3)
lossf = nn.CrossEntropyLoss()

for step in range(700):
    src, tgt = batch(64)
    state = enc(src)
    hidden = state               # initial hidden of the decoder
    inp = torch.cat([torch.full((64, 1), BOS), tgt[:, :-1]], 1)     # teacher forcing
    logits, _ = dec(inp, hidden)
    loss = lossf(logits.reshape(-1, VOC), tgt.reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_([*enc.parameters(), *dec.parameters()], 2.0)
    opt.step()
    if step % 100 == 0:
        print(step, round(loss.item(), 4))

enc.eval(), dec.eval()
with torch.no_grad():
    src, tgt = batch(1000)
    tok, state = torch.full((1000, 1), BOS), enc(src)
    outs = []
    for _ in range(L):
        lg, state = dec(tok, state)
        tok = lg.argmax(-1)
        outs.append(tok)
    acc = (torch.cat(outs, 1) == tgt).float().mean().item()
print(f"final_metric={acc:.4f}")
