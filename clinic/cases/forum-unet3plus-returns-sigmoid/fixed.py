import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

def make(n, s=24):
    yy, xx = np.mgrid[:s, :s]
    img = rng.normal(0, .35, (n, 1, s, s)); msk = np.zeros((n, 1, s, s))
    for i in range(n):
        cx, cy, r = rng.uniform(6, 18), rng.uniform(6, 18), rng.uniform(3, 6)
        disk = (xx - cx) ** 2 + (yy - cy) ** 2 < r * r
        msk[i, 0] = disk; img[i, 0] += disk * rng.uniform(.6, 1.2)
    return torch.tensor(img).float(), torch.tensor(msk).float()

def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))

class UNet(nn.Module):
    def __init__(self, c=8):
        super().__init__()
        self.e1, self.e2 = block(1, c), block(c, 2 * c)
        self.mid = block(2 * c, 2 * c)
        self.d2, self.d1 = block(4 * c, c), block(2 * c, c)
        self.outconv = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        h1 = self.e1(x)
        h2 = self.e2(F.max_pool2d(h1, 2))
        m = self.mid(F.max_pool2d(h2, 2))
        d2 = self.d2(torch.cat([F.interpolate(m, scale_factor=2), h2], 1))
        d1 = self.d1(torch.cat([F.interpolate(d2, scale_factor=2), h1], 1))
        d1 = self.outconv(d1)
        return d1

x, m = make(320); xv, mv = make(80)
net = UNet()
optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-8)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(8):
    net.train()
    epoch_loss = 0
    for b in torch.randperm(320).split(16):
        masks_pred = net(x[b])
        loss = criterion(masks_pred, m[b])
        epoch_loss += loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print('epoch', epoch + 1, 'loss', epoch_loss / 20)
net.eval()
with torch.no_grad():
    pred = torch.sigmoid(net(xv)) > 0.5
iou = ((pred & (mv > 0)).sum() / (pred | (mv > 0)).sum()).item()
print('final_metric=%.4f' % iou)
