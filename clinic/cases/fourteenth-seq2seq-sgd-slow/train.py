import argparse
import os
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=1e-3)
p.add_argument("--steps", type=int, default=700)
p.add_argument("--hidden", type=int, default=48)
args = p.parse_args()
torch.manual_seed(int(os.environ.get("SEED", 0)))
SYMBOLS, LENGTH = 6, 4


class Seq2Seq(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.emb = nn.Embedding(SYMBOLS + 1, hidden)
        self.encoder = nn.GRU(hidden, hidden, batch_first=True)
        self.decoder = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, SYMBOLS)

    def forward(self, src, tgt_in):
        _, state = self.encoder(self.emb(src))
        out, _ = self.decoder(self.emb(tgt_in), state)
        return self.out(out)


def batch(n):
    src = torch.randint(0, SYMBOLS, (n, LENGTH))
    tgt = src.flip(1)
    start = torch.full((n, 1), SYMBOLS)
    return src, torch.cat([start, tgt[:, :-1]], 1), tgt


net = Seq2Seq(args.hidden)
opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9)
for step in range(args.steps):
    src, tgt_in, tgt = batch(64)
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(src, tgt_in).flatten(0, 1), tgt.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    src, tgt_in, tgt = batch(1000)
    acc = (net(src, tgt_in).argmax(-1) == tgt).float().mean().item()
print(f"final_metric={acc:.4f}")
