import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class CueMemory(nn.Module):
    def __init__(self, n_symbols, hidden=24, forget_bias=-4.0):
        super().__init__()
        self.emb = nn.Embedding(n_symbols, 10)
        self.lstm = nn.LSTM(10, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 4)
        with torch.no_grad():
            self.lstm.bias_ih_l0[hidden:2 * hidden].fill_(forget_bias)
            self.lstm.bias_hh_l0[hidden:2 * hidden].zero_()

    def forward(self, s):
        _, (h, _) = self.lstm(self.emb(s))
        return self.head(h[-1])


def trials(n, delay=30):
    cue = torch.randint(0, 4, (n, 1))
    filler = torch.randint(4, 8, (n, delay))
    return torch.cat([cue, filler], 1), cue[:, 0]


model = CueMemory(8)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
xv, yv = trials(400)
for block in range(12):
    mean = 0.0
    for step in range(50):
        x, y = trials(40)
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        mean += loss.item() / 50
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"steps {50 * (block + 1):4d} loss {mean:.4f} accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
