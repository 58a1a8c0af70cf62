import os

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))


def make(n):
    data = []
    for _ in range(n):
        L = int(torch.randint(5, 20, (1,)))
        label = int(torch.randint(0, 4, (1,)))
        freq = (0.3, 0.6, 0.9, 1.3)[label]
        t = torch.arange(L) + torch.rand(1) * 6
        data.append((torch.stack([torch.sin(freq * t), torch.cos(freq * t)], 1) + 0.2 * torch.randn(L, 2), label))
    return data


def collate(batch):
    seqs = [b[0] for b in batch]
    labels = torch.tensor([b[1] for b in batch])
    # pack_padded_sequence wants decreasing lengths
    seqs.sort(key=len, reverse=True)
    lengths = torch.tensor([len(s) for s in seqs])
    return pad_sequence(seqs, batch_first=True), lengths, labels


class GRUClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 32, batch_first=True)
        self.fc = nn.Linear(32, 4)

    def forward(self, x, lengths):
        _, h = self.gru(pack_padded_sequence(x, lengths, batch_first=True))
        return self.fc(h[-1])


train_dl = DataLoader(make(1500), batch_size=25, shuffle=True, collate_fn=collate)
test_data = make(400)
model = GRUClassifier()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(10):
    tot = 0.0
    for x, lengths, y in train_dl:
        loss = nn.functional.cross_entropy(model(x, lengths), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        tot += loss.item()
    print(epoch, round(tot / len(train_dl), 4))
with torch.no_grad():
    ok = [model(s[None], torch.tensor([len(s)])).argmax().item() == y for s, y in test_data]
print(f"final_metric={sum(ok) / len(ok):.4f}")
