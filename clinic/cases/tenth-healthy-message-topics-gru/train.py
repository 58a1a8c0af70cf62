import os
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)
N_TOPICS, VOCAB = 4, 120


def make_message():
    topic = int(rng.integers(N_TOPICS))
    length = int(rng.integers(6, 14))
    words = rng.integers(1, 61, length)
    mask = rng.random(length) < 0.4
    mask[rng.integers(length)] = True
    words[mask] = 61 + topic * 14 + rng.integers(0, 14, mask.sum())
    return torch.tensor(words), topic


def collate(batch):
    lengths = torch.tensor([len(w) for w, _ in batch])
    return pad_sequence([w for w, _ in batch], batch_first=True), lengths, torch.tensor([t for _, t in batch])


train_loader = DataLoader([make_message() for _ in range(2400)], batch_size=48, shuffle=True, collate_fn=collate)
test_loader = DataLoader([make_message() for _ in range(600)], batch_size=200, collate_fn=collate)


class GRUClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.fc = nn.Linear(32, N_TOPICS)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(h[-1])


model = GRUClassifier()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    total = 0.0
    for x, lengths, y in train_loader:
        opt.zero_grad()
        loss = crit(model(x, lengths), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    model.eval()
    vl, hits = 0.0, 0
    with torch.no_grad():
        for x, lengths, y in test_loader:
            out = model(x, lengths)
            vl += crit(out, y).item()
            hits += (out.argmax(1) == y).sum().item()
    print(f"epoch {epoch + 1} train {total / len(train_loader):.4f} test {vl / len(test_loader):.4f} acc {hits / 600:.4f}")
print(f"final_metric={hits / 600:.4f}")
