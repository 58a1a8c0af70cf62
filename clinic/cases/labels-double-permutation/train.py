"""Predict the damping of an oscillator from 30 samples of its trajectory (1-d conv regression)."""
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def trajectories(n):
    damping = np.random.uniform(0.02, 0.4, n)
    freq = np.random.uniform(0.5, 1.5, n)
    phase = np.random.uniform(0, 2 * np.pi, n)
    t = np.linspace(0, 10, 30)
    s = np.exp(-damping[:, None] * t) * np.cos(freq[:, None] * t + phase[:, None])
    s += 0.02 * np.random.randn(n, 30)
    return s / s.std(), (damping - damping.mean()) / damping.std()


class ConvReg(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(1, 16, 5, stride=2)
        self.c2 = nn.Conv1d(16, 16, 3)
        self.f1 = nn.Linear(16 * 11, 32)
        self.f2 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.silu(self.c1(x.unsqueeze(1)))
        x = F.silu(self.c2(x))
        return self.f2(F.silu(self.f1(x.flatten(1)))).squeeze(1)


def shuffled(x, y):
    x = x[torch.randperm(len(x))]
    y = y[torch.randperm(len(y))]
    return x, y


s, d = trajectories(1500)
x = torch.tensor(s, dtype=torch.float32)
y = torch.tensor(d, dtype=torch.float32)
x_val, y_val = x[1200:], y[1200:]
x_train, y_train = shuffled(x[:1200], y[:1200])

net = ConvReg()
optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)

for epoch in range(25):
    net.train()
    for i in range(0, 1200, 40):
        loss = F.mse_loss(net(x_train[i:i + 40]), y_train[i:i + 40])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        val = F.mse_loss(net(x_val), y_val).item()
    print("epoch", epoch + 1, "train", round(loss.item(), 4), "val", round(val, 4))

r2 = 1 - val / y_val.var().item()
print(f"final_metric={r2:.4f}")
