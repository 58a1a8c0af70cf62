import os
import math
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Sine(nn.Module):
    def __init__(self, i, o, w0=15.0, first=False):
        super().__init__()
        self.w0, self.lin = w0, nn.Linear(i, o)
        b = 1 / i if first else math.sqrt(6 / i) / w0
        nn.init.uniform_(self.lin.weight, -b, b)

    def forward(self, x):
        return torch.sin(self.w0 * self.lin(x))


def picture(p):
    return torch.sin(6 * p[:, 0]) * torch.cos(5 * p[:, 1]) + 0.5 * torch.sin(9 * p[:, 0] * p[:, 1])


net = nn.Sequential(Sine(2, 48, first=True), Sine(48, 48), nn.Linear(48, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
pts = torch.rand(6000, 2) * 2 - 1
val = torch.rand(1000, 2) * 2 - 1
for it in range(600):
    k = pts[torch.randint(0, 6000, (128,))]
    loss = (net(k).squeeze(1) - picture(k)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
with torch.no_grad():
    t = picture(val)
    print("final_metric=%.4f" % (1 - (net(val).squeeze(1) - t).pow(2).mean() / t.var()))
