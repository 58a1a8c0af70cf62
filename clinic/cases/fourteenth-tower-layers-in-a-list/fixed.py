import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, dim)
        self.fc2 = nn.Linear(dim, dim)

    def forward(self, x):
        return x + self.fc2(F.gelu(self.fc1(self.norm(x))))


class Net(nn.Module):
    def __init__(self, d_in, dim, n_blocks, n_out):
        super().__init__()
        self.inp = nn.Linear(d_in, dim)
        self.blocks = nn.ModuleList([Block(dim) for _ in range(n_blocks)])
        self.out = nn.Linear(dim, n_out)

    def forward(self, x):
        x = self.inp(x)
        for block in self.blocks:
            x = block(x)
        return self.out(x)


def spirals(n, arms=4):
    k = torch.randint(0, arms, (n,))
    r = torch.rand(n) * 0.9 + 0.1
    a = 2 * torch.pi * k / arms + 5 * r + 0.08 * torch.randn(n)
    xy = torch.stack([r * a.cos(), r * a.sin()], 1) / 0.42
    return xy, k


xtr, ytr = spirals(3000)
xte, yte = spirals(1500)
net = Net(2, 32, 3, 4)
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(15):
    net.train()
    order = torch.randperm(len(xtr))
    for idx in order.split(64):
        loss = F.cross_entropy(net(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xte).argmax(1) == yte).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
