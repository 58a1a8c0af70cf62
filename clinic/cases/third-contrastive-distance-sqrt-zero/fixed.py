import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
IDENT = 10
faces = torch.randn(IDENT, 20)

def pairs(n):
    a = torch.randint(0, IDENT, (n,))
    same = torch.rand(n) < .5
    b = torch.where(same, a, torch.randint(0, IDENT, (n,)))
    xa = faces[a] + .3 * torch.randn(n, 20)
    xb = faces[b] + .3 * torch.randn(n, 20)
    # the pair list contains a few enrolment pairs: a picture with itself
    twin = torch.rand(n) < .02
    xb[twin] = xa[twin]
    return xa, xb, ((a == b) | twin).float()

net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 8))

def contrastive_loss(za, zb, same, margin=1.0):
    dist = torch.sqrt(((za - zb) ** 2).sum(1) + 1e-8)
    return (same * dist.pow(2) + (1 - same) * torch.clamp(margin - dist, min=0).pow(2)).mean()

optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(400):
    xa, xb, same = pairs(64)
    loss = contrastive_loss(net(xa), net(xb), same)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 80 == 0:
        print("step", step, "loss", loss.item())
with torch.no_grad():
    xa, xb, same = pairs(2000)
    d = (net(xa) - net(xb)).norm(dim=1)
    acc = ((d < .5).float() == same).float().mean().item() if torch.isfinite(d).all() else 0.0
print("final_metric=%.4f" % acc)
