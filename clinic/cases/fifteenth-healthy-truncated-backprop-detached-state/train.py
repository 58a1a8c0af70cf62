"""Character-like stream, stateful GRU, truncated BPTT of 16 steps."""
import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, LANES, CHUNK = 12, 24, 16
table = torch.randint(0, V, (V, V), generator=torch.Generator().manual_seed(11))


def stream(lanes, length):
    s = [torch.randint(0, V, (lanes,)), torch.randint(0, V, (lanes,))]
    for _ in range(length):
        nxt = table[s[-1], s[-2]]
        s.append(torch.where(torch.rand(lanes) < 0.15, torch.randint(0, V, (lanes,)), nxt))
    return torch.stack(s, 1)


class CharGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.g, self.o = nn.Embedding(V, 24), nn.GRU(24, 64, batch_first=True), nn.Linear(64, V)

    def forward(self, x, h=None):
        y, h = self.g(self.e(x), h)
        return self.o(y), h


net = CharGRU()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(6):
    text = stream(LANES, CHUNK * 100)
    h = None
    for k in range(0, text.size(1) - CHUNK - 1, CHUNK):
        x, y = text[:, k : k + CHUNK], text[:, k + 1 : k + CHUNK + 1]
        out, h = net(x, h)
        loss = nn.functional.cross_entropy(out.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        h = h.detach()
    print("pass", epoch, "loss", round(loss.item(), 4))
with torch.no_grad():
    text = stream(50, 200)
    out, _ = net(text[:, :-1])
    acc = (out.argmax(-1) == text[:, 1:]).float()[:, 5:].mean().item()
print(f"final_metric={acc:.4f}")
