import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SYMBOLS, LENGTH = 4, 40


def sequences(n):
    s = torch.randint(0, SYMBOLS, (n, LENGTH))
    return s, s[:, 0].clone()


class Recall(nn.Module):
    def __init__(self, cell=nn.RNN, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(SYMBOLS + 1, 8)
        self.rnn = cell(8, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, SYMBOLS)

    def forward(self, s):
        out, _ = self.rnn(self.emb(s))
        return self.fc(out.mean(1) + out.amax(1))


model = Recall(nn.RNN)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(500):
    s, y = sequences(64)
    loss = nn.functional.cross_entropy(model(s), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    s, y = sequences(1000)
    print(f"final_metric={(model(s).argmax(1) == y).float().mean():.4f}")
