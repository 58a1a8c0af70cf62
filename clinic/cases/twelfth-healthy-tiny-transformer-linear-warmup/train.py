import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L, D, WARMUP, STEPS = 10, 8, 32, 50, 300


def batch(n):
    x = torch.randint(0, V, (n, L))
    return x, (x + x.flip(1)) % 2


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, D), nn.Embedding(L, D)
        self.enc = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.0, batch_first=True)
        self.enc2 = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.0, batch_first=True)
        self.out = nn.Linear(D, 2)

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(L))
        return self.out(self.enc2(self.enc(h)))


model = Model()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / WARMUP))
for step in range(STEPS):
    x, y = batch(48)
    loss = nn.functional.cross_entropy(model(x).transpose(1, 2), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    warm.step()
    if step % 40 == 0:
        print(step, loss.item())
model.eval()
with torch.no_grad():
    x, y = batch(1000)
    acc = (model(x).argmax(-1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
