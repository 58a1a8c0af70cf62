import os, argparse
import numpy as np
import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument('--epochs', type=int, default=6)
ap.add_argument('--bs', type=int, default=64)
ap.add_argument('--lr', type=float, default=2e-3)
ap.add_argument('--dim', type=int, default=48)
args = ap.parse_args([])

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

N_CAT, VOCAB, LEN = 24, 600, 12
# each category has its favourite words, the rest of a title is filler
topic = rng.dirichlet(np.full(VOCAB, 0.05), size=N_CAT)
filler = rng.dirichlet(np.full(VOCAB, 0.5))

def make(n):
    y = rng.integers(0, N_CAT, n)
    words = np.stack([np.where(rng.random(LEN) < 0.45, rng.choice(VOCAB, LEN, p=topic[c]),
                               rng.choice(VOCAB, LEN, p=filler)) for c in y])
    return torch.from_numpy(words), torch.from_numpy(y)

xtr, ytr = make(5000)
xva, yva = make(1500)


class TitleNet(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.words = nn.EmbeddingBag(VOCAB, dim, mode='mean')
        self.body = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 96), nn.GELU(), nn.Dropout(0.2))
        self.head = nn.Sequential(nn.Linear(96, N_CAT))

    def forward(self, ids):
        return self.head(self.body(self.words(ids)))


net = TitleNet(args.dim)
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
criterion = nn.CrossEntropyLoss()
for ep in range(args.epochs):
    net.train()
    tot = 0.
    for idx in torch.randperm(len(xtr)).split(args.bs):
        opt.zero_grad()
        loss = criterion(net(xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        out = net(xva)
        acc = (out.argmax(1) == yva).float().mean().item()
    print(f'epoch {ep} train {tot / len(xtr):.4f} val {criterion(out, yva).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
