import os
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x):
        return x + self.down(torch.nn.functional.gelu(self.up(self.norm(x))))


class Net(nn.Module):
    def __init__(self, d=48, depth=4):
        super().__init__()
        self.inp = nn.Linear(64, d)
        self.blocks = nn.ModuleList([Block(d) for _ in range(depth)])
        self.out = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 10))

    def forward(self, x):
        x = self.inp(x)
        for b in self.blocks:
            x = checkpoint(b, x, use_reentrant=False) if self.training else b(x)
        return self.out(x)


d = load_digits()
X = torch.tensor((d.data - 4.88) / 6.02, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for epoch in range(10):
    net.train()
    for b in tr[torch.randperm(len(tr))].split(50):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, acc)
print(f"final_metric={acc:.4f}")
