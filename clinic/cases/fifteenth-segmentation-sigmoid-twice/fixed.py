import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
S = 24


def blobs(n):
    yy, xx = torch.meshgrid(torch.arange(S), torch.arange(S), indexing="ij")
    img, msk = torch.randn(n, S, S) * 0.6, torch.zeros(n, S, S)
    for k in range(2):
        cx, cy = torch.randint(4, S - 4, (2, n, 1, 1))
        r = torch.randint(2, 5, (n, 1, 1))
        disk = ((xx - cx) ** 2 + (yy - cy) ** 2 <= r**2).float()
        img += disk * 0.9
        msk = torch.maximum(msk, disk)
    return img[:, None], msk[:, None]


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1, self.d2 = block(1, 8), block(8, 16)
        self.mid = block(16, 16)
        self.u1 = block(32, 8)
        self.u2 = block(16, 8)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(F.max_pool2d(a, 2))
        m = self.mid(F.max_pool2d(b, 2))
        u = self.u1(torch.cat([F.interpolate(m, scale_factor=2), b], 1))
        u = self.u2(torch.cat([F.interpolate(u, scale_factor=2), a], 1))
        return self.out(u)


xtr, ytr = blobs(640)
xte, yte = blobs(200)
net = UNet()
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for b in torch.randperm(640).split(32):
        loss = loss_fn(net(xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", round(loss.item(), 4))
net.eval()
with torch.no_grad():
    logit = net(xte)
bce = loss_fn(logit, yte).item()
print(f"final_metric={-bce:.4f}")
