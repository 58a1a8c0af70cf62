import os
import torch
import torch.nn as nn

LR = 0.1
torch.manual_seed(int(os.environ.get("SEED", 0)))


def brackets(n, length=14):
    """Sequences of +1 / -1 tokens; the class says which of three thirds holds most of the +1."""
    seq = torch.randint(0, 2, (n, length - 2))
    first, last = seq[:, :6].sum(1), seq[:, 6:].sum(1)
    label = torch.where(first > last, 0, torch.where(first == last, 1, 2))
    pad = torch.full((n, 1), 2)
    return torch.cat([pad, seq, pad], 1), label


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(3, d)
        self.pos = nn.Parameter(torch.randn(14, d) * 0.5)
        self.layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.head = nn.Linear(d, 3)

    def forward(self, s):
        return self.head(self.layer(self.tok(s) + self.pos).mean(1))


x, y = brackets(2000)
xv, yv = brackets(500)
net = Encoder()
opt = torch.optim.Adam(net.parameters(), lr=LR)
for epoch in range(10):
    net.train()
    for b in torch.randperm(2000).split(50):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
