import os
import random
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)

GOOD = "great lovely superb crisp warm friendly fresh quick tasty perfect".split()
BAD = "awful rude cold stale slow dirty bland noisy broken soggy".split()
FILL = "the food service place table was and very really today we they room coffee it staff".split()


def review():
    label = random.randint(0, 1)
    words = random.choices(FILL, k=9)
    for _ in range(3):
        words.insert(random.randint(0, len(words)), random.choice(GOOD if label else BAD))
    words.insert(0, random.choice(BAD if label else GOOD))
    return words, label


def vocabulary(texts):
    vocab = {}
    for words, _ in texts:
        for w in words:
            vocab.setdefault(w, len(vocab))
    return vocab


def encode(texts, vocab):
    return torch.tensor([[vocab[w] for w in words] for words, _ in texts]), torch.tensor([l for _, l in texts])


train_texts = [review() for _ in range(1200)]
val_texts = [review() for _ in range(400)]
train_vocab = vocabulary(train_texts)
val_vocab = vocabulary(val_texts)
x, y = encode(train_texts, train_vocab)
xv, yv = encode(val_texts, train_vocab)


class MeanPool(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.e = nn.Embedding(n, 20)
        self.f = nn.Sequential(nn.Linear(20, 20), nn.ReLU(), nn.Linear(20, 2))

    def forward(self, ids):
        return self.f(self.e(ids).mean(1))


net = MeanPool(len(train_vocab))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for ep in range(10):
    net.train()
    for b in torch.randperm(1200).split(40):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {ep} loss {loss.item():.3f} val acc {val:.3f}")
print(f"final_metric={val}")
