import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.RandomState(seed)

def pairs(n, s=16):
    """two frames of a moving blob texture; target is the 2-d motion in metres"""
    yy, xx = np.mgrid[:s, :s]
    a, b, v = np.zeros((n, s, s)), np.zeros((n, s, s)), rng.uniform(-2, 2, (n, 2))
    for i in range(n):
        for _ in range(3):
            cx, cy, w = rng.uniform(4, 12), rng.uniform(4, 12), rng.uniform(2, 6)
            a[i] += np.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / w)
            b[i] += np.exp(-((xx - cx - v[i, 0]) ** 2 + (yy - cy - v[i, 1]) ** 2) / w)
    x = np.stack([a, b], 1)
    return torch.tensor((x - .3) / .4).float(), torch.tensor(.3 * v).float()

def conv(i, o, k=3):
    return nn.Sequential(nn.Conv2d(i, o, k, padding=(k - 1) // 2, stride=2), nn.ReLU(inplace=True))

class PoseExpNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = conv(2, 16, 5), conv(16, 32, 3), conv(32, 32, 3)
        self.pose_pred = nn.Conv2d(32, 2, 1)
    def forward(self, x):
        return self.pose_pred(self.conv3(self.conv2(self.conv1(x)))).mean((2, 3))

x, v = pairs(1600); xt, vt = pairs(400)
net = PoseExpNet()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, betas=(0.9, 0.999), weight_decay=5e-5)
for epoch in range(14):
    tot = 0
    for b in torch.randperm(1600).split(32):
        loss = nn.functional.mse_loss(net(x[b]), v[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() / 50
    print("epoch", epoch, "total loss %.4f" % tot)
with torch.no_grad():
    print("final_metric=%.4f" % (1 - nn.functional.mse_loss(net(xt), vt) / vt.var()).item())
