import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc = nn.Linear(c, c, bias=False)
        self.bn = nn.BatchNorm1d(c)

    def forward(self, x):
        return torch.relu(self.bn(self.fc(x)))


class Plain(nn.Module):
    def __init__(self, n_in, c=32, n=36):
        super().__init__()
        self.stem = nn.Linear(n_in, c)
        self.blocks = nn.ModuleList([Block(c) for _ in range(n)])
        self.head = nn.Linear(c, 3)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


M = torch.randn(3, 12)


def sample(n):
    x = torch.randn(n, 12)
    return x, (torch.sin(2 * x) @ M.T).argmax(1)


x, y = sample(4000)
xv, yv = sample(500)
net = Plain(12)
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for step in range(300):
    net.train()
    i = torch.randint(0, 4000, (64,))
    loss = nn.functional.cross_entropy(net(x[i]), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (net(xv).argmax(1) == yv).float().mean())
