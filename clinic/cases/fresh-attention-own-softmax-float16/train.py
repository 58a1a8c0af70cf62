import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

VOCAB, L, D = 20, 12, 32


def softmax(scores, dim):
    e = scores.half().exp()
    return (e / e.sum(dim, keepdim=True)).float()


class TinyAttention(nn.Module):
    """Is token 0 followed somewhere by the token stored in the first slot?"""

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, D)
        self.pos = nn.Parameter(torch.randn(L, D) * 0.1)
        self.q, self.k, self.v = nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, D)
        self.ff = nn.Sequential(nn.Linear(2 * D, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, ids):
        h = self.emb(ids) + self.pos
        s = self.q(h[:, :1]) @ self.k(h).transpose(1, 2)
        ctx = softmax(s, -1) @ self.v(h)
        return self.ff(torch.cat([ctx[:, 0], h[:, 0]], -1))


def batch(n):
    x = torch.randint(0, VOCAB, (n, L))
    y = torch.randint(0, 2, (n,))
    present = (x[:, 1:] == x[:, :1]).any(1)
    col = torch.randint(1, L, (n,))
    x[torch.arange(n)[(y == 1) & ~present], col[(y == 1) & ~present]] = x[(y == 1) & ~present, 0]
    y = (x[:, 1:] == x[:, :1]).any(1).long()
    return x, y


model = TinyAttention()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss()
for it in range(900):
    x, y = batch(128)
    opt.zero_grad()
    loss = ce(model(x), y)
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
xv, yv = batch(1000)
with torch.no_grad():
    print("final_metric=%.4f" % (model(xv).argmax(1) == yv).float().mean())
