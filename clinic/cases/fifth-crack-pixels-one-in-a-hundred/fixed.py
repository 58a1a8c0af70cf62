import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
S = 24

def wall(n):
    x = rng.normal(0, 1, (n, S, S)).astype('float32')
    m = np.zeros((n, S, S), dtype='float32')
    for k in range(n):
        r, c = rng.integers(3, S - 3), rng.integers(0, S - 6)
        for j in range(6):
            m[k, r, c + j] = 1
            r = int(np.clip(r + rng.integers(-1, 2), 0, S - 1))
    return torch.from_numpy(x + 1.5 * m)[:, None], torch.from_numpy(m)[:, None]

xtr, mtr = wall(1000)
xva, mva = wall(200)
net = nn.Sequential(nn.Conv2d(1, 12, 5, padding=2), nn.ReLU(), nn.Conv2d(12, 12, 5, padding=2), nn.ReLU(), nn.Conv2d(12, 1, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
weight = torch.tensor(60.0)
print('foreground share', mtr.mean().item())
for epoch in range(6):
    net.train()
    for i in torch.randperm(len(xtr)).split(20):
        loss = F.binary_cross_entropy_with_logits(net(xtr[i]), mtr[i], pos_weight=weight)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(xva)
        p = (o > 0).float()
        recall = (p * mva).sum().item() / mva.sum().item()
        spec = ((1 - p) * (1 - mva)).sum().item() / (1 - mva).sum().item()
    print(f'epoch {epoch} loss {loss.item():.4f} crack recall {recall:.3f} background recall {spec:.3f}')
print(f'final_metric={(recall + spec) / 2:.4f}')
