import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std()).float()
y = torch.tensor(y)
p = torch.randperm(len(y))
X, y = X[p], y[p]
xt, yt, xv, yv = X[:1350], y[:1350], X[1350:], y[1350:]


class HashNet(nn.Module):
    beta = 30.0

    def __init__(self, bits=12):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, bits))
        self.cls = nn.Linear(bits, 10)

    def forward(self, x):
        return self.cls(torch.tanh(self.beta * self.enc(x)))


net = HashNet()
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
for epoch in range(15):
    for i in torch.randperm(1350).split(27):
        opt.zero_grad()
        loss = F.cross_entropy(net(xt[i]), yt[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} val {acc:.3f}")
print(f"final_metric={acc:.4f}")
