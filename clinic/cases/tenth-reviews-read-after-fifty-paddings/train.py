import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)
VOCAB, MAX_LEN, PAD = 60, 60, 0


class ReviewDataset(Dataset):
    def __init__(self, n):
        self.items = []
        for _ in range(n):
            length = rng.integers(5, 11)
            label = rng.integers(0, 2)
            words = rng.integers(21, VOCAB, length)
            for pos in rng.choice(length, 3, replace=False):
                words[pos] = rng.integers(1, 11) + 10 * label
            ids = np.full(MAX_LEN, PAD)
            ids[:length] = words
            self.items.append((ids, length, label))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        ids, length, label = self.items[i]
        return torch.tensor(ids), torch.tensor(length), torch.tensor(label).float()


class SentimentRNN(nn.Module):
    def __init__(self, emb=24, hid=32):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, emb, padding_idx=PAD)
        self.rnn = nn.RNN(emb, hid, batch_first=True)
        self.fc = nn.Linear(hid, 1)

    def forward(self, text, lengths):
        output, _ = self.rnn(self.embedding(text))
        last = output[:, -1]
        return self.fc(last).squeeze(1)


train_iter = DataLoader(ReviewDataset(1400), batch_size=32, shuffle=True)
valid_iter = DataLoader(ReviewDataset(600), batch_size=200)
model = SentimentRNN()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(7):
    model.train()
    tr = 0.0
    for text, lengths, label in train_iter:
        optimizer.zero_grad()
        loss = criterion(model(text, lengths), label)
        loss.backward()
        optimizer.step()
        tr += loss.item()
    model.eval()
    vl, hit = 0.0, 0
    with torch.no_grad():
        for text, lengths, label in valid_iter:
            out = model(text, lengths)
            vl += criterion(out, label).item()
            hit += ((out > 0).float() == label).sum().item()
    acc = hit / 600
    print(f"Epoch: {epoch + 1:02} | Train Loss: {tr / len(train_iter):.3f} | Val. Loss: {vl / len(valid_iter):.3f} | Val. Acc: {acc * 100:.2f}%")
print(f"final_metric={acc:.4f}")
