import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

# tag of a token: 0 if the next token is smaller, 1 if equal or larger, 2 if the token repeats the previous one
VOCAB = 12


def sentences(n, length=12):
    x = torch.randint(0, VOCAB, (n, length))
    nxt = torch.cat([x[:, 1:], torch.full((n, 1), VOCAB - 1)], 1)
    prv = torch.cat([torch.full((n, 1), -1), x[:, :-1]], 1)
    y = (nxt >= x).long()
    y[x == prv] = 2
    return x, y


class Tagger(nn.Module):
    def __init__(self, emb=24, hid=32):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, emb)
        self.lstm = nn.LSTM(emb, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, 3)

    def forward(self, x):
        h, _ = self.lstm(self.emb(x))
        return self.fc(h)


X, Y = sentences(2000)
Xv, Yv = sentences(400)
tagger = Tagger()
optimizer = torch.optim.Adam(tagger.parameters(), lr=5e-3)
lossf = nn.CrossEntropyLoss()
for epoch in range(7):
    tagger.train()
    for b in torch.randperm(len(X)).split(50):
        optimizer.zero_grad()
        scores = tagger(X[b])                       # B, T, 3
        loss = lossf(scores.transpose(1, 2), Y[b])  # CE wants B, C, T
        loss.backward()
        optimizer.step()
    tagger.eval()
    with torch.no_grad():
        acc = (tagger(Xv).argmax(-1) == Yv).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
