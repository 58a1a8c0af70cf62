import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

WORDS = [f"w{i:03d}" for i in range(300)]
DIM = 24
sense = rng.integers(0, 4, 300)
anchor = rng.normal(size=(4, DIM))
VECTORS = {w: (0.7 * anchor[s] + rng.normal(size=DIM)).astype("float32") for w, s in zip(WORDS, sense)}
VECTORS["W007"] = VECTORS["w007"]
VECTORS["W042"] = VECTORS["w042"]


def write_review(topic):
    weight = np.where(sense == topic, 3.0, 1.0)
    words = rng.choice(WORDS, size=14, p=weight / weight.sum())
    return " ".join(words).upper()


def encode(text):
    return np.stack([VECTORS.get(w, np.zeros(DIM, "float32")) for w in text.split()])


topics = rng.integers(0, 4, 2200)
reviews = [write_review(t) for t in topics]
x = torch.from_numpy(np.stack([encode(r) for r in reviews]))
y = torch.from_numpy(topics)


class ReviewNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU())
        self.doc = nn.Linear(32, 4)

    def forward(self, x):
        return self.doc(self.word(x).mean(1))


model = ReviewNet()
optim = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    for b in torch.randperm(1800).split(36):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        optim.step()
    with torch.no_grad():
        acc = (model(x[1800:]).argmax(1) == y[1800:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
