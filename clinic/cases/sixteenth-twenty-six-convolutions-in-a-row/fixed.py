import os
import torch
from torch import nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std()).float().view(-1, 1, 8, 8)
y = torch.tensor(y)
p = torch.randperm(len(y))
xt, yt, xv, yv = X[p[:1200]], y[p[:1200]], X[p[1200:]], y[p[1200:]]


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(c)

    def forward(self, x):
        return x + 0.2 * torch.relu(self.bn(self.conv(x)))


C = 8
net = nn.Sequential(nn.Conv2d(1, C, 3, padding=1), nn.BatchNorm2d(C), nn.ReLU(), nn.MaxPool2d(2),
                    *[Block(C) for _ in range(26)], nn.Flatten(), nn.Linear(C * 16, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(7):
    net.train()
    for i in torch.randperm(1200).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xt[i]), yt[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train loss {loss.item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
