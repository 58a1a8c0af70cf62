import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

class Adder(nn.Module):
    """running sum modulo 3"""
    def __init__(self, h=48):
        super().__init__()
        self.emb = nn.Embedding(3, 12)
        self.gru = nn.GRU(12, h, batch_first=True)
        self.out = nn.Linear(h, 3)
    def forward(self, x):
        return self.out(self.gru(self.emb(x))[0])

def digits(n, T):
    x = torch.randint(0, 3, (n, T))
    return x, x.cumsum(1) % 3

net = Adder()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for step in range(600):
    T = 4 + 4 * (step // 200)
    x, y = digits(64, T)
    loss = nn.functional.cross_entropy(net(x).flatten(0, 1), y.flatten())
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.)
    opt.step()
    if step % 50 == 49:
        print(step + 1, 'length', T, 'loss', loss.item())
with torch.no_grad():
    x, y = digits(500, 12)
    acc = (net(x).argmax(-1) == y).float().mean().item()
print(f'final_metric={acc:.4f}')
