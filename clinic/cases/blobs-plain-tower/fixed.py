import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
DEPTH, WIDTH = 4, 32


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.lin = nn.Linear(width, width, bias=False)
        self.bn = nn.BatchNorm1d(width)

    def forward(self, h):
        return torch.relu(self.bn(self.lin(h)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(6, WIDTH)
        self.blocks = nn.ModuleList(Block(WIDTH) for _ in range(DEPTH))
        self.head = nn.Linear(WIDTH, 4)

    def forward(self, x):
        h = torch.relu(self.stem(x))
        for block in self.blocks:
            h = block(h)
        return self.head(h)


centres = 1.2 * torch.randn(40, 6)


def sample(n):
    k = torch.randint(0, 40, (n,))
    return (centres[k] + 0.45 * torch.randn(n, 6)) / 1.3, k % 4


xt, yt = sample(4000)
xv, yv = sample(1000)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(8):
    net.train()
    total = 0.0
    for idx in torch.randperm(4000).split(80):
        opt.zero_grad()
        loss = loss_fn(net(xt[idx]), yt[idx])
        loss.backward()
        opt.step()
        total += loss.item() / 50
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train {total:.4f} val acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
