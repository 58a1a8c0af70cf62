import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, TAGS, L = 30, 5, 12
tag_of = torch.randint(0, TAGS, (VOCAB,))


def sentences(n):
    words = torch.randint(0, VOCAB, (n, L))
    tags = tag_of[words]
    # a word after tag 0 keeps its neighbour's tag shifted by one
    prev = torch.cat([torch.ones(n, 1, dtype=torch.long), tags[:, :-1]], 1)
    tags = torch.where(prev == 0, (tags + 1) % TAGS, tags)
    return words, tags


words, tags = sentences(2500)
train_w, train_t = words[:2000], tags[:2000]
dev_w, dev_t = words[2000:], tags[2000:]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24)
        self.rnn = nn.GRU(24, 32, batch_first=True)
        self.out = nn.Linear(32, TAGS)

    def forward(self, w):
        return self.out(self.rnn(self.emb(w))[0])


tagger = Tagger()
optimizer = torch.optim.Adam(tagger.parameters(), lr=3e-3)
for epoch in range(10):
    for i in torch.randperm(2000).split(40):
        optimizer.zero_grad()
        scores = tagger(train_w[i])
        loss = nn.functional.cross_entropy(scores.reshape(-1, TAGS), train_t[i].reshape(-1))
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        dev = (tagger(dev_w).argmax(-1) == dev_t).float().mean().item()
    print("epoch", epoch, "loss", loss.item(), "dev", dev)
print("final_metric=%.4f" % dev)
