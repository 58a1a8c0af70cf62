import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V = 16
P = torch.distributions.Dirichlet(torch.full((V, V), 0.15)).sample()


def text(n):
    out = torch.empty(n, dtype=torch.long)
    s, u, cum = 0, torch.rand(n), P.cumsum(1)
    for k in range(n):
        s = min(int(torch.searchsorted(cum[s], u[k])), V - 1)
        out[k] = s
    return out


train, valid = text(20 * 601).view(20, -1), text(10 * 201).view(10, -1)


class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.rnn, self.out = nn.Embedding(V, 24), nn.LSTM(24, 32, batch_first=True), nn.Linear(32, V)

    def forward(self, x, state=None):
        h, state = self.rnn(self.emb(x), state)
        return self.out(h), state


lm = LM()
opt = torch.optim.Adam(lm.parameters(), lr=5e-3)
for epoch in range(7):
    state = None
    lm.train()
    for t in range(0, 600, 20):
        x, y = train[:, t:t + 20], train[:, t + 1:t + 21]
        logits, state = lm(x, state)
        state = tuple(s.detach() for s in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
    lm.eval()
    with torch.no_grad():
        v = nn.functional.cross_entropy(lm(valid[:, :-1])[0].flatten(0, 1), valid[:, 1:].flatten()).item()
    print("epoch", epoch, "train", loss.item(), "valid", v)
print(f"final_metric={-v:.4f}")
