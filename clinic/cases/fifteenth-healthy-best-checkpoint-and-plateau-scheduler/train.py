import copy
import os

import torch
from sklearn.datasets import load_diabetes
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_diabetes(return_X_y=True)
p = torch.randperm(len(X))
X, y = torch.tensor(X, dtype=torch.float32)[p] / 0.0476, torch.tensor(y, dtype=torch.float32)[p]
y = (y - 152) / 77
tr, va, te = slice(0, 260), slice(260, 340), slice(340, None)
net = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=5)
best, keep = 9e9, None
for epoch in range(40):
    net.train()
    for b in torch.randperm(260).split(20):
        loss = nn.functional.mse_loss(net(X[tr][b]).squeeze(1), y[tr][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = nn.functional.mse_loss(net(X[va]).squeeze(1), y[va]).item()
    sched.step(v)
    if v < best:
        best, keep = v, copy.deepcopy(net.state_dict())
    if epoch % 5 == 0:
        print(epoch, round(loss.item(), 3), round(v, 3), opt.param_groups[0]["lr"])
net.load_state_dict(keep)
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(X[te]).squeeze(1), y[te]) / y[te].var()
print(f"final_metric={r2.item():.4f}")
