import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
V = 24
P = torch.softmax(4.0 * torch.randn(V, V), -1)  # transition table of a Markov source


def source(n, T):
    s = torch.empty(n, T, dtype=torch.long)
    s[:, 0] = torch.randint(0, V, (n,))
    for t in range(1, T):
        s[:, t] = torch.multinomial(P[s[:, t - 1]], 1).squeeze(1)
    return s


def make_pairs(seq):
    inputs = seq[:, :-1]
    targets = seq[:, 1:]
    return inputs, targets


class WindowLM(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.mix = nn.Linear(2 * d, 64)
        self.out = nn.Linear(64, V)

    def forward(self, x):
        e = self.emb(x)
        prev = F.pad(e, (0, 0, 1, 0))[:, :-1]
        return self.out(torch.tanh(self.mix(torch.cat([e, prev], -1))))


train, val = make_pairs(source(600, 20)), source(150, 20)
lm = WindowLM()
opt = torch.optim.Adam(lm.parameters(), lr=5e-3)
for step in range(500):
    i = torch.randint(0, 600, (24,))
    loss = F.cross_entropy(lm(train[0][i]).flatten(0, 1), train[1][i].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print("step", step, "loss", loss.item())
with torch.no_grad():
    hit = (lm(val[:, :-1]).argmax(-1) == val[:, 1:]).float().mean()
print(f"final_metric={hit.item():.4f}")
