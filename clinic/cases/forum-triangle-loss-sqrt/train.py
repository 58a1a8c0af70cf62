import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

class Polygon(nn.Module):
    """predicts 12 vertex offsets of a closed contour from a noisy radial scan"""
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(36, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.dec = nn.Linear(64, 24)
    def forward(self, scan):
        return self.dec(self.enc(scan)).view(-1, 12, 2)

def edge_loss(verts):
    d = verts - verts.roll(1, dims=1)
    length = torch.sqrt((d ** 2).sum(-1))
    return (length - length.mean(1, keepdim=True)).abs().mean()

def shapes(n):
    th = torch.arange(12) * 2 * torch.pi / 12
    a, b, ph = 1 + torch.rand(n, 1), .5 + torch.rand(n, 1), torch.rand(n, 1) * 6.28
    r = a + .4 * b * torch.cos(2 * th + ph)
    verts = torch.stack([r * torch.cos(th), r * torch.sin(th)], -1)
    scan = r.repeat_interleave(3, 1) + .1 * torch.randn(n, 36)
    collapsed = torch.rand(n) < .003
    scan[collapsed] = 0.; verts[collapsed] = 0.
    return scan, verts

scan, verts = shapes(3000); sv, vv = shapes(500)
net = Polygon()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    for i in torch.randperm(3000).split(32):
        pred = net(scan[i])
        visible = (scan[i].abs().sum(1) > 0).view(-1, 1, 1)
        loss = ((pred - verts[i]) ** 2).mean() + .05 * edge_loss(pred * visible)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "total_loss", loss.item())
with torch.no_grad():
    r2 = 1 - ((net(sv) - vv) ** 2).mean() / vv.var()
print("final_metric=%.4f" % (r2.item() if torch.isfinite(r2) else -10))
