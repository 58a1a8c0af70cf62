import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SYMBOLS, LENGTH, HIDDEN = 5, 4, 48


def batch(n):
    src = torch.randint(0, SYMBOLS, (n, LENGTH))
    tgt = src.sort(1).values
    return src, torch.cat([torch.full((n, 1), SYMBOLS), tgt[:, :-1]], 1), tgt


class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(SYMBOLS + 1, 24)
        self.enc, self.dec = nn.GRU(24, HIDDEN, batch_first=True), nn.GRU(24, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, SYMBOLS)

    def forward(self, src, prev):
        _, h = self.enc(self.emb(src))
        y, _ = self.dec(self.emb(prev), h)
        return self.out(y)


net = Sorter()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(400):
    src, prev, tgt = batch(64)
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(src, prev).flatten(0, 1), tgt.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 80 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    src, prev, tgt = batch(1000)
    acc = (net(src, prev).argmax(-1) == tgt).float().mean().item()
print(f"final_metric={acc:.4f}")
