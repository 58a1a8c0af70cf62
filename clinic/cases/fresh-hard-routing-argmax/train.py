import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Routed(nn.Module):
    """A gate looks at the context and picks one of four linear experts."""

    def __init__(self, d=6, n=4):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, n))
        self.experts = nn.ModuleList([nn.Linear(d, 1) for _ in range(n)])

    def forward(self, x, context):
        g = self.gate(context)
        w = F.one_hot(g.argmax(-1), g.shape[-1]).float()
        out = torch.cat([e(x) for e in self.experts], -1)
        return (w * out).sum(-1)


A = torch.randn(4, 6)
K = torch.randn(4, 8)


def sample(n):
    x, c = torch.randn(n, 6), torch.randn(n, 8)
    k = (c @ K.T).argmax(1)
    return x, c, (x * A[k]).sum(1)


x, c, y = sample(3000)
xv, cv, yv = sample(600)
model = Routed()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(1200):
    i = torch.randint(0, 3000, (64,))
    loss = F.mse_loss(model(x[i], c[i]), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(step, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (1 - F.mse_loss(model(xv, cv), yv) / yv.var()))
