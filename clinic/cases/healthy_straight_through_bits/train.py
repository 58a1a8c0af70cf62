import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Binarize(nn.Module):
    def forward(self, x):
        p = torch.sigmoid(x)
        hard = (p > 0.5).float()
        return hard + p - p.detach()


class BitNet(nn.Module):
    def __init__(self, bits=32):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 96), nn.LeakyReLU(0.1), nn.Linear(96, bits))
        self.bits = Binarize()
        self.decode = nn.Linear(bits, 10)

    def forward(self, x):
        return self.decode(self.bits(self.encode(x)))


d = load_digits()
X = torch.tensor((d.data - 4.88) / 6.02, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
net = BitNet()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(16):
    for b in tr[torch.randperm(len(tr))].split(50):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[va]).argmax(1) == y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
