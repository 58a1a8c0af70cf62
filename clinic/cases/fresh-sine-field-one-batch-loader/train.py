import os
import math
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Field(Dataset):
    """Samples of a two-dimensional standing wave."""

    def __init__(self, n):
        self.p = torch.rand(n, 2) * 2 - 1
        self.u = torch.sin(math.pi * self.p[:, :1]) * torch.cos(math.pi * self.p[:, 1:]) * 1.5

    def __len__(self):
        return len(self.p)

    def __getitem__(self, k):
        return self.p[k], self.u[k]


def r2(net, ds):
    with torch.no_grad():
        return (1 - (net(ds.p) - ds.u).pow(2).mean() / ds.u.var()).item()


train, test = Field(256), Field(500)
loader = DataLoader(train, batch_size=len(train), shuffle=True)
net = nn.Sequential(nn.Linear(2, 50), nn.Tanh(), nn.Linear(50, 50), nn.Tanh(), nn.Linear(50, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)
for ep in range(180):
    for p, u in loader:
        l = ((net(p) - u) ** 2).mean()
        opt.zero_grad()
        l.backward()
        opt.step()
    if ep % 30 == 0:
        print("epoch", ep, "loss", l.item())
print("final_metric=%.4f" % r2(net, test))
