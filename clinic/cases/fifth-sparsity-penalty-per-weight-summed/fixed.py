import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get('SEED', 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

# gene panel: 60 genes, outcome from a handful with interactions
def cohort(n):
    X = rng.normal(size=(n, 60))
    X[:, 10:20] += 0.6 * X[:, :10]
    X = X / X.std(0)
    risk = 1.2 * X[:, 0] - X[:, 3] + 1.1 * X[:, 5] * X[:, 8] + 0.8 * np.maximum(X[:, 12], 0) - 0.3
    y = (risk + rng.logistic(size=n) * 0.5 > 0).astype('float32')
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y)

Xtr, ytr = cohort(6000)
Xva, yva = cohort(1000)
net = nn.Sequential(nn.Linear(60, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
L1 = 1e-5
for epoch in range(5):
    for b in torch.randperm(6000).split(64):
        out = net(Xtr[b]).squeeze(1)
        penalty = sum(p.abs().sum() for n, p in net.named_parameters() if n.endswith('weight'))
        loss = bce(out, ytr[b]) + L1 * penalty
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        o = net(Xva).squeeze(1)
        print(epoch, 'loss', loss.item(), 'val bce', bce(o, yva).item())
pos, neg = o[yva == 1], o[yva == 0]
auc = ((pos[:, None] > neg).float() + .5 * (pos[:, None] == neg).float()).mean().item()
print(f'final_metric={auc:.4f}')
