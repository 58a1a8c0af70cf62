"""Bag-of-words news classifier (toy corpus)."""
import os, random
import torch, torch.nn as nn, torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
random.seed(SEED); torch.manual_seed(SEED)
TOPICS = ["sport", "money", "music", "space", "food"]
VOCAB = 300

def make_doc(topic):
    # every topic prefers its own 30 words, the rest is filler
    words = [random.randrange(topic * 30, topic * 30 + 30) if random.random() < .22 else random.randrange(150, VOCAB) for _ in range(20)]
    return words

docs = [(make_doc(t), t) for t in [random.randrange(5) for _ in range(4000)]]
train, held = docs[:3200], docs[3200:]

class BoW(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(VOCAB, 24, mode="mean")
        self.out = nn.Linear(24, len(TOPICS))
    def forward(self, ids):
        return self.out(self.emb(ids))

def batches(data, n=64):
    random.shuffle(data)
    for i in range(0, len(data), n):
        chunk = data[i:i + n]
        yield torch.tensor([w for w, _ in chunk]), torch.tensor([t for _, t in chunk])

model = BoW()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(10):
    tot = 0
    for x, t in batches(train):
        opt.zero_grad()
        scores = model(x)
        loss = F.nll_loss(F.log_softmax(scores, dim=1), t)
        loss.backward(); opt.step()
        tot += loss.item()
    print(f"epoch {epoch}: {tot / 50:.3f}")
with torch.no_grad():
    x = torch.tensor([w for w, _ in held]); t = torch.tensor([t for _, t in held])
    p = F.softmax(model(x), 1)
    # quality of the predicted probabilities: mean log-likelihood, floor at -5
    ll = p[torch.arange(len(t)), t].clamp_min(1e-9).log().mean().item()
    print("accuracy", (p.argmax(1) == t).float().mean().item())
print(f"final_metric={max(ll, -5):.4f}")
