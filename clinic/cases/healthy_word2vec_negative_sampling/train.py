import os

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

# 100 words in 5 themes: a sentence stays within one theme most of the time
V, THEMES, D = 100, 5, 16
theme_of = rng.permutation(V) % THEMES
members = [np.flatnonzero(theme_of == t) for t in range(THEMES)]


def sentence():
    t = rng.integers(THEMES)
    w = rng.choice(members[t], 12)
    swap = rng.random(12) < 0.15
    w[swap] = rng.integers(0, V, swap.sum())
    return w


corpus = np.stack([sentence() for _ in range(1500)])
centre = np.repeat(corpus[:, 1:-1].ravel(), 2)
context = np.stack([corpus[:, :-2], corpus[:, 2:]], -1).ravel()
pairs = torch.tensor(np.stack([centre, context], 1))


class SkipGram(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp, self.out = nn.Embedding(V, D), nn.Embedding(V, D)
        nn.init.uniform_(self.inp.weight, -0.5 / D, 0.5 / D)
        nn.init.zeros_(self.out.weight)

    def forward(self, c, o, neg):
        v = self.inp(c)
        pos = (v * self.out(o)).sum(1)
        negs = torch.bmm(self.out(neg), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(pos) + F.logsigmoid(-negs).sum(1)).mean()


model = SkipGram()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(2):
    for b in torch.randperm(len(pairs)).split(100):
        neg = torch.randint(0, V, (len(b), 5))
        loss = model(pairs[b, 0], pairs[b, 1], neg)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    e = F.normalize(model.inp.weight, dim=1)
    sim = e @ e.T - 2 * torch.eye(V)
    near = sim.topk(3).indices.numpy()
    purity = (theme_of[near] == theme_of[:, None]).mean()
print(f"final_metric={purity:.4f}")
