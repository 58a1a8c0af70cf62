"""Classify short waveforms (sine / square / saw / noise) with a gated conv stack, WaveNet flavour."""
import math, os, random
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def wave(kind, n=32):
    t = np.arange(n) / n
    f, p = rng.uniform(2, 5), rng.uniform(0, 2 * math.pi)
    ph = 2 * math.pi * f * t + p
    if kind == 0:
        s = np.sin(ph) * 1.4
    elif kind == 1:
        s = np.sign(np.sin(ph))
    elif kind == 2:
        s = 1.7 * ((ph / (2 * math.pi)) % 1 * 2 - 1)
    else:
        s = np.sin(ph) * np.sin(3 * ph) * 2
    return s + 0.1 * rng.standard_normal(n)


def dataset(n):
    y = rng.integers(0, 4, n)
    x = np.stack([wave(k) for k in y])[:, None]
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


class GatedBlock(nn.Module):
    def __init__(self, ch, dilation):
        super().__init__()
        self.filt = nn.Conv1d(ch, ch, 3, padding=dilation, dilation=dilation)
        self.gate = nn.Conv1d(ch, ch, 3, padding=dilation, dilation=dilation)

    def forward(self, x):
        h = torch.tanh(self.filt(x)) * torch.sigmoid(self.gate(x))
        return x + h


class WaveClassifier(nn.Module):
    def __init__(self, ch=16, blocks=8):
        super().__init__()
        self.inp = nn.Conv1d(1, ch, 1)
        self.blocks = nn.ModuleList([GatedBlock(ch, 2 ** (i % 3)) for i in range(blocks)])
        self.out = nn.Linear(ch, 4)

    def forward(self, x):
        x = self.inp(x)
        for b in self.blocks:
            x = b(x)
        return self.out(x.amax(-1))


xtr, ytr = dataset(800)
xva, yva = dataset(400)
model = WaveClassifier()
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
lossf = nn.CrossEntropyLoss()
for step in range(160):
    idx = torch.randint(0, len(xtr), (24,))
    opt.zero_grad()
    loss = lossf(model(xtr[idx]), ytr[idx])
    loss.backward()
    opt.step()
    if step % 20 == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (model(xva).argmax(1) == yva).float().mean().item())
