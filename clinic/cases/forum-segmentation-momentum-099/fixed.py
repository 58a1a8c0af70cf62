import os
import numpy as np
import torch
from torch import nn

class Blobs:
    """8-bit style noisy slices with two organs"""
    def __init__(self, n, rng, size=16):
        yy, xx = np.mgrid[:size, :size]
        self.x = rng.normal(0, .5, (n, 1, size, size)); self.y = np.zeros((n, size, size), dtype=np.int64)
        for i in range(n):
            for label, gain in ((1, 1.2), (2, -1.2)):
                cx, cy, a, b = rng.uniform(3, size - 3, 2).tolist() + rng.uniform(2, 4, 2).tolist()
                m = ((xx - cx) / a) ** 2 + ((yy - cy) / b) ** 2 < 1
                self.y[i][m] = label; self.x[i, 0][m] += gain
        self.x, self.y = torch.tensor(self.x).float(), torch.tensor(self.y)

seed = int(os.environ.get("SEED", 0)); torch.manual_seed(seed); rng = np.random.default_rng(seed)
train, val = Blobs(400, rng), Blobs(100, rng)
net = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.LeakyReLU(.01), nn.Conv2d(12, 24, 3, padding=1), nn.LeakyReLU(.01),
                    nn.Conv2d(24, 24, 3, padding=2, dilation=2), nn.LeakyReLU(.01), nn.Conv2d(24, 3, 1))
initial_lr = 0.3
optimizer = torch.optim.SGD(net.parameters(), initial_lr, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    losses = []
    for b in torch.randperm(400).split(16):
        l = loss_fn(net(train.x[b]), train.y[b])
        optimizer.zero_grad()
        l.backward()
        optimizer.step()
        losses.append(l.item())
    print("epoch", epoch, "train loss : %.4f" % np.mean(losses))
with torch.no_grad():
    p = net(val.x).argmax(1)
dice = np.mean([(2 * ((p == c) & (val.y == c)).sum() / ((p == c).sum() + (val.y == c).sum() + 1e-9)).item() for c in (1, 2)])
print("final_metric=%.4f" % dice)
