import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Branch(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x):
        return x + self.down(nn.functional.gelu(self.up(self.norm(x))))


class ResMLP(nn.Module):
    def __init__(self, d=48, blocks=6):
        super().__init__()
        self.stem = nn.Linear(64, d)
        self.blocks = nn.Sequential(*[Branch(d) for _ in range(blocks)])
        self.head = nn.Linear(d, 10)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


d = load_digits()
x = torch.tensor((d.data - 4.9) / 6, dtype=torch.float32)
y = torch.tensor(d.target)
p = torch.randperm(len(y))
model = ResMLP()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(8):
    for b in p[:1400][torch.randperm(1400)].split(35):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(x[p[1400:]]).argmax(1) == y[p[1400:]]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
