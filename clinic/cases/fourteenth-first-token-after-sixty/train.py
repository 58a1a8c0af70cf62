import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
LENGTH, SYMBOLS, HIDDEN = 60, 6, 24


def batch(n):
    """The first token names the class; the rest are fillers."""
    x = torch.randint(2, SYMBOLS, (n, LENGTH))
    y = torch.randint(0, 2, (n,))
    x[:, 0] = y
    return x, y


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(SYMBOLS, 12)
        self.rnn = nn.RNN(12, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, 2)

    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        return self.out(h[:, -1])


net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(300):
    x, y = batch(32)
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    x, y = batch(1000)
    acc = (net(x).argmax(1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
