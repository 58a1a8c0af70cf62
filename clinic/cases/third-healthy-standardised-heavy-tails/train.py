import os
import torch, numpy as np
from torch import nn
from sklearn.preprocessing import StandardScaler
r = np.random.default_rng(int(os.environ.get("SEED", 0))); torch.manual_seed(int(os.environ.get("SEED", 0)))
raw = np.c_[r.lognormal(0, .6, 6000), r.gamma(2, 3, 6000), r.normal(50, 10, 6000), r.exponential(4, 6000)]
y = np.log(raw[:, 0]) * 1.2 + np.sqrt(raw[:, 1]) * .5 - (raw[:, 2] - 50) / 15 * (raw[:, 3] < 3) + r.normal(0, .1, 6000)
X = StandardScaler().fit(raw[:5000]).transform(raw); y = (y - y[:5000].mean()) / y[:5000].std()
X, y = torch.tensor(X).float(), torch.tensor(y).float()[:, None]
net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)); opt = torch.optim.Adam(net.parameters(), 2e-3)
for ep in range(10):
    net.train()
    for i in torch.randperm(5000).split(50):
        opt.zero_grad(); l = nn.functional.huber_loss(net(X[i]), y[i]); l.backward(); opt.step()
    net.eval()
    with torch.no_grad(): print("ep", ep, l.item(), nn.functional.huber_loss(net(X[5000:]), y[5000:]).item())
with torch.no_grad(): print("final_metric=%.4f" % (1 - nn.functional.mse_loss(net(X[5000:]), y[5000:]) / y[5000:].var()).item())
