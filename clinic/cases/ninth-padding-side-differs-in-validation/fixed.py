import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
MAXLEN = 24


def pad_front(seqs):
    out = torch.zeros(len(seqs), MAXLEN, dtype=torch.long)
    for i, s in enumerate(seqs):
        out[i, MAXLEN - len(s):] = s
    return out


def pad_back(seqs):
    out = torch.zeros(len(seqs), MAXLEN, dtype=torch.long)
    for i, s in enumerate(seqs):
        out[i, :len(s)] = s
    return out


def bracket_strings(n):
    """tokens 1..6; the class is the kind of the last marker (5 or 6) and the token after it"""
    seqs, ys = [], []
    for _ in range(n):
        length = int(torch.randint(6, 15, (1,)))
        s = torch.randint(1, 5, (length,))
        at = int(torch.randint(length - 5, length - 1, (1,)))
        s[at] = 5 + int(torch.randint(0, 2, (1,)))
        ys.append(2 * int(s[at] - 5) + int(s[at + 1] > 2))
        seqs.append(s)
    return seqs, torch.tensor(ys)


class TextRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(7, 12)
        self.rnn = nn.GRU(12, 32, batch_first=True)
        self.out = nn.Linear(32, 4)

    def forward(self, ids):
        return self.out(self.rnn(self.emb(ids))[1][-1])


train_seqs, y_train = bracket_strings(2000)
val_seqs, y_val = bracket_strings(400)
x_train = pad_front(train_seqs)
x_val = pad_front(val_seqs)
model = TextRNN()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    losses = []
    for b in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = ce(model(x_train[b]), y_train[b])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        out = model(x_val)
        acc = (out.argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch}: train loss {sum(losses) / len(losses):.4f} val loss {ce(out, y_val).item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
