# anomaly segments in 1d spectra -- adapted from our RetinaNet repo
import math
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def make_spectra(n, length=64):
    x = rng.normal(0, 0.5, (n, length)).astype("float32")
    y = np.zeros((n, length), dtype="float32")
    for i in range(n):
        for _ in range(rng.integers(2, 5)):
            c, w = rng.integers(4, length - 4), rng.integers(3, 7)
            grid = np.arange(length)
            x[i] += 2.0 * np.exp(-0.5 * ((grid - c) / (w / 2)) ** 2)
            y[i, np.abs(grid - c) <= w / 2] = 1.0
    return torch.from_numpy(x)[:, None], torch.from_numpy(y)


xtr, ytr = make_spectra(1200)
xte, yte = make_spectra(400)


class PeakNet(nn.Module):
    def __init__(self, ch=24, prior=0.001):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(1, ch, 5, padding=2), nn.ReLU(),
            nn.Conv1d(ch, ch, 5, padding=2), nn.ReLU(),
            nn.Conv1d(ch, ch, 5, padding=2), nn.ReLU(),
        )
        self.head = nn.Conv1d(ch, 1, 1)
        bias = -math.log((1 - prior) / prior)
        for m in self.modules():
            if isinstance(m, nn.Conv1d):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)
        nn.init.constant_(self.head.bias, bias)

    def forward(self, x):
        return self.head(self.body(x))[:, 0]


net = PeakNet()
optim = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(12):
    order = torch.randperm(len(xtr))
    for chunk in order.split(32):
        loss = F.binary_cross_entropy_with_logits(net(xtr[chunk]), ytr[chunk])
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        p = net(xte) > 0
        t = yte > 0.5
        f1 = (2 * (p & t).sum() / (p.sum() + t.sum()).clamp(min=1)).item()
    print(f"{epoch=} {loss.item()=:.4f} {f1=:.4f}")
print(f"final_metric={f1:.4f}")
