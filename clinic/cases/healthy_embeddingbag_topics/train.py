import os

import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

V, TOPICS = 400, 4
zipf = 1.0 / np.arange(1, V + 1)
topic_word = np.stack([rng.permutation(zipf) for _ in range(TOPICS)])
topic_word = 0.7 * topic_word + 0.3 * zipf
topic_word /= topic_word.sum(1, keepdims=True)


def corpus(n):
    labels = rng.integers(0, TOPICS, n)
    docs = [torch.tensor(rng.choice(V, rng.integers(15, 40), p=topic_word[t])) for t in labels]
    return docs, torch.tensor(labels)


def collate(docs):
    lens = torch.tensor([0] + [len(d) for d in docs[:-1]])
    return torch.cat(docs), lens.cumsum(0)


class TextClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(V, 32, mode="mean")
        self.fc = nn.Linear(32, TOPICS)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


docs, y = corpus(1500)
vdocs, vy = corpus(500)
net = TextClassifier()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    perm = rng.permutation(len(docs))
    for i in range(0, len(docs), 50):
        b = perm[i:i + 50]
        text, off = collate([docs[j] for j in b])
        loss = nn.functional.cross_entropy(net(text, off), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(*collate(vdocs)).argmax(1) == vy).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 3), "val", round(acc, 3))
print(f"final_metric={acc:.4f}")
