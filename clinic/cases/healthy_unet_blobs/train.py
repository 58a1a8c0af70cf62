import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)


def scene(size=16):
    yy, xx = np.mgrid[:size, :size]
    mask = np.zeros((size, size), bool)
    for _ in range(rng.randint(1, 4)):
        cx, cy, r = rng.uniform(3, 13), rng.uniform(3, 13), rng.uniform(1.5, 3.5)
        mask |= (xx - cx) ** 2 + (yy - cy) ** 2 < r * r
    img = mask * 1.5 + rng.randn(size, size) * 0.6 - 0.3
    return img.astype(np.float32), mask.astype(np.float32)


pairs = [scene() for _ in range(700)]
X = torch.tensor(np.stack([p[0] for p in pairs]))[:, None]
M = torch.tensor(np.stack([p[1] for p in pairs]))[:, None]


class Double(nn.Sequential):
    def __init__(self, i, o):
        super().__init__(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(),
                         nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())


class TinyUNet(nn.Module):
    def __init__(self, c=8):
        super().__init__()
        self.d1, self.d2, self.mid = Double(1, c), Double(c, 2 * c), Double(2 * c, 2 * c)
        self.up2 = nn.ConvTranspose2d(2 * c, 2 * c, 2, 2)
        self.u2 = Double(4 * c, c)
        self.up1 = nn.ConvTranspose2d(c, c, 2, 2)
        self.u1 = Double(2 * c, c)
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(F.max_pool2d(a, 2))
        m = self.mid(F.max_pool2d(b, 2))
        m = self.u2(torch.cat([self.up2(m), b], 1))
        m = self.u1(torch.cat([self.up1(m), a], 1))
        return self.out(m)


net = TinyUNet()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(8):
    net.train()
    for b in torch.randperm(560).split(28):
        logits = net(X[b])
        p = torch.sigmoid(logits)
        dice = 1 - (2 * (p * M[b]).sum() + 1) / (p.sum() + M[b].sum() + 1)
        loss = F.binary_cross_entropy_with_logits(logits, M[b]) + dice
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    pred = net(X[560:]) > 0
    gt = M[560:] > 0.5
    iou = (pred & gt).sum() / (pred | gt).sum()
print(f"final_metric={iou.item():.4f}")
