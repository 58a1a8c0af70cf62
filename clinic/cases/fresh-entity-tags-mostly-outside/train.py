import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
TAGS = ["O", "PER", "LOC"]
VOCAB = 200
LEN = 20
# ambiguous words: 10 of them may be a person or an ordinary word, 10 a place or an ordinary word


def corpus(n):
    w = torch.randint(20, VOCAB, (n, LEN))
    t = torch.zeros(n, LEN, dtype=torch.long)
    amb = torch.rand(n, LEN) < 0.08
    amb_word = torch.randint(0, 20, (n, LEN))
    w = torch.where(amb, amb_word, w)
    real = amb & (torch.rand(n, LEN) < 0.3)
    t[real & (w < 10)] = 1
    t[real & (w >= 10)] = 2
    return w, t


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24)
        self.rnn = nn.GRU(24, 24, batch_first=True, bidirectional=True)
        self.proj = nn.Linear(48, len(TAGS))

    def forward(self, w):
        return self.proj(self.rnn(self.emb(w))[0])


words, tags = corpus(1500)
dev_words, dev_tags = corpus(400)
model = Tagger()
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(350):
    k = torch.randint(0, 1500, (32,))
    loss = loss_fn(model(words[k]).flatten(0, 1), tags[k].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, round(loss.item(), 4))
with torch.no_grad():
    guess = model(dev_words).argmax(-1)
recall = [((guess == c) & (dev_tags == c)).sum().item() / (dev_tags == c).sum().item() for c in range(3)]
print(dict(zip(TAGS, recall)))
print("final_metric=%.4f" % (sum(recall) / 3))
