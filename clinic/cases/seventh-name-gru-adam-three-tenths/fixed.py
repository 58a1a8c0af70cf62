import os, random
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
random.seed(SEED); torch.manual_seed(SEED)
syllables = {0: ["ka", "to", "mi", "shi", "ro", "na"], 1: ["berg", "stein", "ach", "ler", "mann", "ul"], 2: ["ov", "ski", "ev", "na", "iva", "dro"], 3: ["ini", "lla", "ro", "ccio", "eta", "mo"]}
letters = "abcdefghijklmnopqrstuvwxyz"

def make_name():
    lang = random.randrange(4)
    word = "".join(random.choice(syllables[lang]) for _ in range(random.randint(2, 3)))
    if random.random() < 0.5:
        p = random.randrange(len(word)); word = word[:p] + random.choice(letters) + word[p + 1:]
    return word, lang

def encode(words):
    t = torch.zeros(len(words), 16, dtype=torch.long)
    for i, w in enumerate(words):
        for j, ch in enumerate(w[:16]):
            t[i, j] = letters.index(ch) + 1
    return t

names = {}
while len(names) < 3000:
    word, lang = make_name()
    names.setdefault(word, lang)
names = list(names.items())
train, held = names[:2400], names[2400:]
X, Y = encode([w for w, _ in train]), torch.tensor([l for _, l in train])
XV, YV = encode([w for w, _ in held]), torch.tensor([l for _, l in held])

class NameClassifier(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(27, 16, padding_idx=0)
        self.gru = nn.GRU(16, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 4)
    def forward(self, x):
        out, _ = self.gru(self.emb(x))
        last = (x != 0).sum(1) - 1
        return self.fc(out[torch.arange(len(x)), last])

model = NameClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for epoch in range(8):
    for idx in torch.randperm(len(X)).split(32):
        loss = nn.functional.cross_entropy(model(X[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        logits = model(XV)
        acc = (logits.argmax(1) == YV).float().mean().item()
        print(epoch, "loss", round(loss.item(), 3), "val loss", round(nn.functional.cross_entropy(logits, YV).item(), 3), "acc", round(acc, 3))
print(f"final_metric={acc:.4f}")
