import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L = 12, 10


def make(n):
    """Which of the symbols occurs most often? Ties go to the smaller symbol."""
    s = torch.randint(0, V, (n, L))
    k = torch.randint(0, V, (n, 1))
    s = torch.where(torch.rand(n, L) < 0.3, k, s)
    counts = nn.functional.one_hot(s, V).sum(1)
    return s, counts.argmax(1)


class Transformer(nn.Module):
    def __init__(self, d=32, heads=4, layers=2):
        super().__init__()
        self.tok = nn.Embedding(V, d)
        self.pos = nn.Parameter(0.02 * torch.randn(L, d))
        layer = nn.TransformerEncoderLayer(d, heads, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.cls = nn.Linear(d, V)

    def forward(self, s):
        return self.cls(self.encoder(self.tok(s) + self.pos).mean(1))


model = Transformer()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
sv, tv = make(800)
for step in range(400):
    s, t = make(64)
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(s), t)
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
model.eval()
with torch.no_grad():
    print(f"final_metric={(model(sv).argmax(1) == tv).float().mean():.4f}")
