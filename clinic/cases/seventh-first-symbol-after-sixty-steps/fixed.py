import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SYMBOLS, LENGTH = 4, 60


def sequences(n):
    first = torch.randint(0, SYMBOLS, (n, 1))
    noise = torch.randint(SYMBOLS, SYMBOLS + 6, (n, LENGTH))
    return torch.cat([first, noise], 1), first.squeeze(1)


class Recall(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(SYMBOLS + 6, 16)
        self.rnn = nn.GRU(16, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, SYMBOLS)

    def forward(self, s):
        out, _ = self.rnn(self.emb(s))
        return self.fc(out.max(1).values)


x, y = sequences(1600)
xv, yv = sequences(400)
model = Recall()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    for i in torch.randperm(1600).split(32):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        out = model(xv)
    acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val {nn.functional.cross_entropy(out, yv).item():.4f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
