import os
import random
from collections import Counter
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rnd = random.Random(seed)

POSITIVE = ["good", "great", "lovely", "fine", "superb", "warm", "clever", "funny"]
NEGATIVE = ["bad", "awful", "dull", "poor", "weak", "cold", "silly", "boring"]
NEUTRAL = ["the", "a", "film", "plot", "actor", "scene", "music", "was", "is", "very", "and", "of", "story", "end"]


def review():
    label = rnd.random() < 0.5
    words = [rnd.choice(NEUTRAL) for _ in range(8)]
    for _ in range(3):
        agree = rnd.random() < 0.85
        words.insert(rnd.randrange(len(words)), rnd.choice(POSITIVE if agree == label else NEGATIVE))
    return words, int(label)


def build_vocab(texts):
    counts = Counter(w for words, _ in texts for w in words)
    return {w: i + 1 for i, (w, _) in enumerate(counts.most_common())}


def encode(texts, vocab):
    ids = torch.zeros(len(texts), 11, dtype=torch.long)
    for i, (words, _) in enumerate(texts):
        for j, w in enumerate(words):
            ids[i, j] = vocab.get(w, 0)
    return ids, torch.tensor([label for _, label in texts])


train_texts = [review() for _ in range(2000)]
val_texts = [review() for _ in range(800)]
x_train, y_train = encode(train_texts, build_vocab(train_texts))
x_val, y_val = encode(val_texts, build_vocab(val_texts))


class TextModel(nn.Module):
    def __init__(self, vocab_size=40, dim=16):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, 24, 3, padding=1)
        self.fc = nn.Linear(24, 2)

    def forward(self, x):
        h = torch.relu(self.conv(self.embedding(x).transpose(1, 2)))
        return self.fc(h.amax(2))


model = TextModel()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(6):
    model.train()
    for idx in torch.randperm(len(x_train)).split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(x_val)
        val = nn.functional.cross_entropy(out, y_val).item()
        acc = (out.argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch} train {loss.item():.3f} val {val:.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
