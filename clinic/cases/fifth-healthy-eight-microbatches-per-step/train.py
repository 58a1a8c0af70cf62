import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
ACCUM, MICRO = 8, 8


def brackets(n, T=12):
    """is the number of opening brackets larger than that of closing ones?"""
    x = torch.randint(0, 3, (n, T))
    s = (x == 0).sum(1) - (x == 1).sum(1)
    return x, (s > 0).long()


class Attn(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(3, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2))

    def forward(self, x):
        return self.out(self.enc(self.emb(x)).mean(1))


x, y = brackets(3000)
xv, yv = brackets(600)
net = Attn()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
micro = 0
for epoch in range(4):
    net.train()
    for b in torch.randperm(3000).split(MICRO):
        loss = nn.functional.cross_entropy(net(x[b]), y[b]) / ACCUM
        loss.backward()
        micro += 1
        if micro % ACCUM == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        o = net(xv)
        acc = (o.argmax(1) == yv).float().mean().item()
    print(epoch, loss.item() * ACCUM, nn.functional.cross_entropy(o, yv).item(), acc)
print(f'final_metric={acc:.4f}')
