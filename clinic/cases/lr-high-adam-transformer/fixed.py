# sort-of copy task: output the sequence in reverse order
import os
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
V, L = 10, 8


class Reverser(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.pos = nn.Parameter(torch.randn(L, d) * 0.5)
        enc_layer = nn.TransformerEncoderLayer(d, nhead=2, dim_feedforward=80, dropout=0.0,
                                               batch_first=True)
        self.encoder = nn.TransformerEncoder(enc_layer, num_layers=2)
        self.out = nn.Linear(d, V)

    def forward(self, x):
        h = self.emb(x) + self.pos
        return self.out(self.encoder(h))


def gen(n):
    x = torch.randint(V, (n, L))
    return x, x.flip(1)


def validate(net, data):
    net.eval()
    with torch.inference_mode():
        x, y = data
        acc = (net(x).argmax(-1) == y).float().mean()
    net.train()
    return acc.item()


net = Reverser()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
val = gen(300)
for step in range(1, 401):
    x, y = gen(64)
    loss = F.cross_entropy(net(x).view(-1, V), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f} (chance {math.log(V):.4f}) val acc {validate(net, val):.4f}")
print(f"final_metric={validate(net, val):.4f}")
