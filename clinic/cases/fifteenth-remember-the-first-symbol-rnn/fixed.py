import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
LEN, SYMBOLS = 50, 8


class Reader(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(SYMBOLS + 1, 16)
        self.rnn = nn.RNN(16, hidden, batch_first=True)
        self.score = nn.Linear(hidden, 1)
        self.out = nn.Linear(hidden, SYMBOLS)

    def forward(self, s):
        h, _ = self.rnn(self.emb(s))
        a = self.score(h).softmax(1)
        return self.out((a * h).sum(1))


def task(n):
    # symbol 0 opens the message, the first real symbol follows, then noise
    s = torch.randint(1, SYMBOLS + 1, (n, LEN))
    y = s[:, 1] - 1
    s[:, 0] = 0
    return s, y


net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(500):
    s, y = task(48)
    loss = nn.functional.cross_entropy(net(s), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    s, y = task(1000)
    print(f"final_metric={(net(s).argmax(1) == y).float().mean().item():.4f}")
