import io, os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0)); np.random.seed(SEED); torch.manual_seed(SEED)
d = load_digits()
X = (d.data - d.data.mean()) / d.data.std()
DTYPE = np.float32
cache = io.BytesIO()
np.save(cache, X.astype(DTYPE))
cache.seek(0); X = np.load(cache)
X = torch.from_numpy(X).float(); y = torch.from_numpy(d.target)
perm = torch.from_numpy(np.random.permutation(len(X)))
Xtr, ytr, Xte, yte = X[perm[:1400]], y[perm[:1400]], X[perm[1400:]], y[perm[1400:]]
net = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=.05, momentum=.9, weight_decay=1e-3)
for ep in range(10):
    for i in range(0, 1400, 40):
        loss = nn.CrossEntropyLoss()(net(Xtr[i:i+40]), ytr[i:i+40])
        opt.zero_grad(); loss.backward(); opt.step()
    print("epoch", ep, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (net(Xte).argmax(1) == yte).float().mean())
