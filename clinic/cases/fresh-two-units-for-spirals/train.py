import os
import math
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def spirals(n):
    c = torch.randint(0, 2, (n,))
    r = torch.rand(n) ** 0.5
    a = r * 1.1 * 2 * math.pi + c * math.pi
    pts = torch.stack([r * a.cos(), r * a.sin()], 1) * 2 + 0.06 * torch.randn(n, 2)
    return pts, c


X, y = spirals(1500)
Xv, yv = spirals(500)
HIDDEN = 2
model = nn.Sequential(nn.Linear(2, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 2))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(40):
    for b in torch.randperm(1500).split(50):
        loss = nn.functional.cross_entropy(model(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (model(Xv).argmax(1) == yv).float().mean().item())
