import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, PAD = 61, 0


def corpus(n):
    docs, labels = [], []
    for _ in range(n):
        c = int(torch.randint(0, 4, (1,)))
        length = 4 + 7 * c + int(torch.randint(0, 7, (1,)))
        topic = torch.randint(1 + 15 * c, 16 + 15 * c, (length,))
        noise = torch.randint(1, VOCAB, (length,))
        docs.append(torch.where(torch.rand(length) < 0.3, topic, noise))
        labels.append(c)
    return docs, torch.tensor(labels)


def pad(docs):
    return nn.utils.rnn.pad_sequence(docs, batch_first=True, padding_value=PAD)


class MeanOfWords(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, d, padding_idx=PAD)
        self.fc = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, ids):
        mask = (ids != PAD).float().unsqueeze(-1)
        return self.fc((self.emb(ids) * mask).sum(1) / mask.sum(1))


docs, labels = corpus(2000)
test_docs, test_labels = corpus(500)
order = torch.randperm(len(docs)).tolist()
batches = [order[i:i + 32] for i in range(0, len(order), 32)]
net = MeanOfWords()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(8):
    total = 0.0
    for batch in batches:
        loss = F.cross_entropy(net(pad([docs[i] for i in batch])), labels[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (net(pad(test_docs)).argmax(1) == test_labels).float().mean().item()
    print(f"epoch {epoch} loss {total / len(batches):.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
