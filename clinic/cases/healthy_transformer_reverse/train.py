import math
import os

import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
VOCAB, LEN, D = 10, 10, 48


class ReverseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, D)
        self.pos = nn.Parameter(torch.randn(LEN, D) * 0.1)
        layer = nn.TransformerEncoderLayer(D, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(D)
        self.head = nn.Linear(D, VOCAB)

    def forward(self, ids):
        h = self.tok(ids) + self.pos
        return self.head(self.norm(self.enc(h)))


def batch(n):
    s = torch.randint(0, VOCAB, (n, LEN))
    return s, s.flip(1)


model = ReverseNet()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
xv, yv = batch(400)
for it in range(300):
    x, y = batch(64)
    logits = model(x)
    loss = nn.functional.cross_entropy(logits.reshape(-1, VOCAB), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if it % 50 == 0:
        print(f"iter {it} loss {loss.item():.3f} (chance {math.log(VOCAB):.3f})")

model.eval()
with torch.no_grad():
    acc = (model(xv).argmax(-1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
