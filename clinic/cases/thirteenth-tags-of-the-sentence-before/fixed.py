import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, TAGS, LEN = 50, 5, 15
tag_of = torch.randint(0, TAGS, (VOCAB,))


def corpus(n):
    """Sentences and their tags; capital words (ids >= 40) take the tag of the word before."""
    w = torch.randint(0, VOCAB, (n, LEN))
    t = tag_of[w]
    cap = w >= 40
    t[:, 1:] = torch.where(cap[:, 1:], tag_of[w[:, :-1]], t[:, 1:])
    return w, t


def read_annotations(n):
    words, tags = corpus(n)
    return words, tags


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24)
        self.lstm = nn.LSTM(24, 24, batch_first=True)
        self.out = nn.Linear(24, TAGS)

    def forward(self, w):
        return self.out(self.lstm(self.emb(w))[0])


words, tags = read_annotations(1500)
test_words, test_tags = corpus(300)
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(8):
    model.train()
    for b in torch.randperm(len(words)).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(words[b]).flatten(0, 1), tags[b].flatten())
        loss.backward()
        opt.step()
    print(epoch, loss.item())
model.eval()
with torch.no_grad():
    acc = (model(test_words).argmax(-1) == test_tags).float().mean().item()
print(f"final_metric={acc:.4f}")
