import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
CL = 6
centre = torch.randn(CL, 3, 6, 6) * .5

def pictures(n, k=None):
    y = torch.randint(0, CL, (n,)) if k is None else torch.full((n,), k)
    return centre[y] + torch.randn(n, 3, 6, 6), y

class ConvBN(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.b = nn.Sequential(nn.Flatten(), nn.Linear(576, 48, bias=False), nn.BatchNorm1d(48), nn.ReLU())
        self.c = nn.Linear(48, CL)
    def forward(self, x): return self.c(self.b(self.a(x)))

class Runner:
    def __init__(self, net): self.net, self.opt = net, torch.optim.SGD(net.parameters(), 0.03, momentum=.9, weight_decay=1e-4)
    def fit(self, steps):
        self.net.train()
        for i in range(steps):
            x, y = pictures(48)
            l = nn.functional.cross_entropy(self.net(x), y)
            self.opt.zero_grad(); l.backward(); self.opt.step()
        return l.item()
    def score(self):
        self.net.train(False) if EVAL else None
        with torch.no_grad():
            accs = []
            for k in range(CL):
                x, y = pictures(60, k)
                accs.append((self.net(x).argmax(1) == y).float().mean().item())
        return sum(accs) / CL
EVAL = False
r = Runner(ConvBN())
for ep in range(6):
    print("ep", ep, "loss %.3f" % r.fit(60), "score %.3f" % r.score())
print("final_metric=%.4f" % r.score())
