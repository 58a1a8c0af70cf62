import os
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class CosineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 96), nn.GELU(), nn.Linear(96, 32))
        self.proto = nn.Parameter(torch.randn(10, 32))
        self.log_scale = nn.Parameter(torch.tensor(2.7))

    def forward(self, x):
        f = F.normalize(self.body(x), dim=1)
        return self.log_scale.exp() * f @ F.normalize(self.proto, dim=1).T


d = load_digits()
X = (torch.tensor(d.data).float() - 4.88) / 6.02
y = torch.tensor(d.target)
p = torch.randperm(len(X))
tr, va = p[:1400], p[1400:]
net = CosineNet()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(12):
    for b in tr[torch.randperm(1400)].split(40):
        loss = F.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item(), net.log_scale.exp().item())
with torch.no_grad():
    print(f"final_metric={(net(X[va]).argmax(1) == y[va]).float().mean().item():.4f}")
