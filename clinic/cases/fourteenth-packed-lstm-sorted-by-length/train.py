import os
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB = 12


def make_sequences(n):
    """Variable-length strings; the label says whether symbol 1 is more frequent than symbol 2."""
    seqs, labels = [], []
    for _ in range(n):
        length = int(torch.randint(6, 20, ()))
        s = torch.randint(3, VOCAB, (length,))
        label = int(torch.rand(()) < 0.5)
        k = int(torch.randint(2, 5, ()))
        where = torch.randperm(length)[:k + 1]
        s[where[1:]] = 1 if label else 2
        seqs.append(s)
        labels.append(label)
    return seqs, torch.tensor(labels)


def collate(seqs, labels):
    lengths = torch.tensor([len(s) for s in seqs])
    lengths, order = lengths.sort(descending=True)
    padded = nn.utils.rnn.pad_sequence([seqs[i] for i in order], batch_first=True)
    return padded, lengths, labels


class Classifier(nn.Module):
    def __init__(self, dim=24, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 2)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True)
        _, (h, _) = self.lstm(packed)
        return self.out(h[-1])


train_seqs, train_labels = make_sequences(2000)
test_seqs, test_labels = make_sequences(400)
net = Classifier()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    net.train()
    order = torch.randperm(len(train_seqs))
    for chunk in order.split(50):
        x, lengths, y = collate([train_seqs[i] for i in chunk], train_labels[chunk])
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x, lengths), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for s, label in zip(test_seqs, test_labels):
            hits += int(net(s[None], torch.tensor([len(s)])).argmax(1).item() == label.item())
    print(epoch, loss.item(), hits / len(test_seqs))
print(f"final_metric={hits / len(test_seqs):.4f}")
