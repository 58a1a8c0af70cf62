import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

def sequences(n):
    """power spectra with a peak whose position decides the class"""
    k = torch.randint(0, 3, (n,))
    f = torch.arange(32).float()
    centre = torch.tensor([8., 15., 22.])[k].unsqueeze(1) + torch.randn(n, 1) * 2
    p = torch.exp(-(f - centre) ** 2 / 8) * (1 + torch.rand(n, 1)) + .05 * torch.rand(n, 32)
    return p, k

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.filt = nn.Linear(32, 20)
        self.fc = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 3))
        nn.init.uniform_(self.filt.weight, 0, 0.15)
        nn.init.zeros_(self.filt.bias)
    def forward(self, x):
        t = F.relu(self.filt(x))
        t = torch.log(t)
        return self.fc(t)

x, y = sequences(2400); xv, yv = sequences(600)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for b in torch.randperm(2400).split(40):
        loss = F.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (net(xv).argmax(1) == yv).float().mean().item())
