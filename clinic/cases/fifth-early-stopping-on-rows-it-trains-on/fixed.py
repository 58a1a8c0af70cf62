import os
import copy
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

# credit: 30 features, weak signal, few customers
def customers(n):
    x = rng.normal(size=(n, 30))
    s = x[:, 0] + .8 * x[:, 1] * (x[:, 2] > 0) - .7 * x[:, 3]
    return x.astype('float32'), (1.3 * s + rng.logistic(size=n) > 0).astype('float32')

X, y = customers(700)
Xt, yt = (torch.tensor(a) for a in customers(4000))        # next year's customers
train_idx, val_idx = np.split(rng.permutation(700), [500])
Xtr, ytr = torch.tensor(X[train_idx]), torch.tensor(y[train_idx])
Xva, yva = torch.tensor(X[val_idx]), torch.tensor(y[val_idx])

net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
best, wait, kept = 1e9, 0, None
for epoch in range(150):
    net.train()
    for b in torch.randperm(len(Xtr)).split(25):
        opt.zero_grad()
        loss = bce(net(Xtr[b])[:, 0], ytr[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = bce(net(Xva)[:, 0], yva).item()
    if epoch < 10 or epoch % 10 == 0:
        print(f'epoch {epoch} train {loss.item():.4f} val {v:.4f}')
    if v < best:
        best, wait, kept = v, 0, copy.deepcopy(net.state_dict())
    else:
        wait += 1
        if wait >= 3:
            break
net.load_state_dict(kept)
with torch.no_grad():
    p = net(Xt)[:, 0]
print('next year: bce', bce(p, yt).item())
print(f'final_metric={((p > 0) == (yt > .5)).float().mean().item():.4f}')
