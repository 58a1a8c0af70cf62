import os
import random
from collections import Counter
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)
WORDS = [f"w{k}" for k in range(120)]
tone = {w: random.choice([-1, 0, 0, 1]) for w in WORDS}


def reviews(n):
    out = []
    for _ in range(n):
        words = random.choices(WORDS, k=random.randint(5, 14))
        out.append((words, int(sum(tone[w] for w in words) > 0)))
    return out


def build_vocab(rows):
    counts = Counter(w for words, _ in rows for w in words)
    return {w: i + 1 for i, (w, _) in enumerate(counts.most_common())}


def encode(rows, vocab):
    ids = torch.zeros(len(rows), 14, dtype=torch.long)
    for r, (words, _) in enumerate(rows):
        for c, w in enumerate(words):
            ids[r, c] = vocab.get(w, 0)
    return ids, torch.tensor([t for _, t in rows])


train_rows, valid_rows = reviews(2500), reviews(700)
train_x, train_y = encode(train_rows, build_vocab(train_rows))
valid_x, valid_y = encode(valid_rows, build_vocab(train_rows))


class Classifier(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.emb = nn.Embedding(size, 16, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, ids):
        return self.fc(self.emb(ids).sum(1))


model = Classifier(len(WORDS) + 1)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    for b in torch.randperm(len(train_y)).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(train_x[b]), train_y[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(valid_x).argmax(1) == valid_y).float().mean().item()
    print(f"epoch {epoch} train loss {loss.item():.4f} valid acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
