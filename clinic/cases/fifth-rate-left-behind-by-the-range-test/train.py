import os
import copy
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

# multi-sensor fault diagnosis, 6 faults
t = torch.linspace(0, 1, 40)
def signals(n):
    y = torch.randint(0, 6, (n,))
    f = 2 + 2 * y[:, None, None]
    phase = 6.28 * torch.rand(n, 3, 1)
    x = torch.sin(6.28 * f * t + phase) * (0.6 + torch.rand(n, 3, 1)) + 0.6 * torch.randn(n, 3, 40)
    return x, y

Xtr, Ytr = signals(3000)
Xva, Yva = signals(600)

net = nn.Sequential(nn.Conv1d(3, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
                    nn.Conv1d(16, 24, 5, padding=2), nn.ReLU(), nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(96, 6))
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()

def range_test(lo=1e-6, hi=1.0, steps=15):
    """raise the rate exponentially for a few batches, then put everything back"""
    weights, optim = copy.deepcopy(net.state_dict()), copy.deepcopy(optimizer.state_dict())
    curve = []
    for lr in np.geomspace(lo, hi, steps):
        for grp in optimizer.param_groups:
            grp['lr'] = float(lr)
        i = torch.randint(0, len(Xtr), (64,))
        loss = criterion(net(Xtr[i]), Ytr[i])
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        curve.append((float(lr), loss.item()))
    net.load_state_dict(weights)
    optimizer.load_state_dict(optim)
    return curve

curve = range_test()
best = min(curve, key=lambda c: c[0])[0]
for grp in optimizer.param_groups:
    grp['lr'] = best

for epoch in range(8):
    net.train()
    for i in torch.randperm(len(Xtr)).split(64):
        loss = criterion(net(Xtr[i]), Ytr[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        o = net(Xva)
    acc = (o.argmax(1) == Yva).float().mean().item()
    print(f'epoch {epoch} loss {loss.item():.4f} val loss {criterion(o, Yva).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
