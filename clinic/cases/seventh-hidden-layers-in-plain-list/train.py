import os
import torch
from torch import nn, optim

torch.manual_seed(int(os.environ.get("SEED", 0)))

def height(p):
    return torch.sin(3 * p[:, :1]) * torch.cos(2 * p[:, 1:]) + 0.5 * p[:, :1] * p[:, 1:]

pts = torch.rand(2500, 2) * 4 - 2
val = torch.rand(600, 2) * 4 - 2
z, zv = height(pts), height(val)
scale = z.std()
z, zv = z / scale + 0.05 * torch.randn_like(z), zv / scale

class Field(nn.Module):
    def __init__(self, sizes=(2, 64, 64, 64)):
        super().__init__()
        self.hidden = [nn.Linear(i, o) for i, o in zip(sizes, sizes[1:])]
        self.last = nn.Linear(sizes[-1], 1)

    def forward(self, p):
        for layer in self.hidden:
            p = torch.tanh(layer(p))
        return self.last(p)

f = Field()
print("parameters:", sum(p.numel() for p in f.parameters()))
opt = optim.Adam(f.parameters(), lr=3e-3)
crit = nn.MSELoss()
for epoch in range(20):
    order = torch.randperm(len(pts))
    for k in range(0, len(pts), 50):
        b = order[k:k + 50]
        opt.zero_grad()
        loss = crit(f(pts[b]), z[b])
        loss.backward()
        opt.step()
    with torch.no_grad():
        mse = crit(f(val), zv).item()
    print("epoch %d train %.4f val %.4f" % (epoch, loss.item(), mse))
print("final_metric=%.4f" % (1 - mse / zv.var().item()))
