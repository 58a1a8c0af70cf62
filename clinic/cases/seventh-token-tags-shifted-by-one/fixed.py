import os
import torch
from torch import nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
V, TAGS, L = 60, 6, 12
tag_of = torch.randint(0, TAGS, (V,))


def corpus(n):
    words = torch.randint(1, V, (n, L))
    tags = tag_of[words]
    capital = (torch.rand(n, L) < 0.2).long()
    tags = torch.where(capital.bool() & (tags == 0), torch.full_like(tags, 1), tags)
    return words, capital, tags


words, caps, tags = corpus(900)
vwords, vcaps, vtags = corpus(200)
tags = tags.contiguous()


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(V, 20)
        self.cap = nn.Embedding(2, 4)
        self.net = nn.Sequential(nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, TAGS))

    def forward(self, w, c):
        return self.net(torch.cat([self.word(w), self.cap(c)], -1))


tagger = Tagger()
opt = torch.optim.AdamW(tagger.parameters(), lr=3e-3, weight_decay=0.01)


def evaluate():
    with torch.no_grad():
        out = tagger(vwords, vcaps)
        return F.cross_entropy(out.flatten(0, 1), vtags.flatten()).item(), (out.argmax(-1) == vtags).float().mean().item()


for epoch in range(10):
    for b in torch.randperm(len(words)).split(15):
        loss = F.cross_entropy(tagger(words[b], caps[b]).flatten(0, 1), tags[b].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    vl, va = evaluate()
    print(f"epoch {epoch} train {loss.item():.4f} val {vl:.4f} acc {va:.4f}")
print(f"final_metric={va:.4f}")
