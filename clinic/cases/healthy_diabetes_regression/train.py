import os
import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score
from torch import nn, optim

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

X, y = load_diabetes(return_X_y=True, scaled=False)
order = rng.permutation(len(X))
tr, va = order[:330], order[330:]
mx, sx = X[tr].mean(0), X[tr].std(0)
my, sy = y[tr].mean(), y[tr].std()
Xt = torch.tensor((X - mx) / sx, dtype=torch.float32)
yt = torch.tensor((y - my) / sy, dtype=torch.float32).view(-1, 1)

net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
opt = optim.SGD(net.parameters(), lr=0.005, momentum=0.9, weight_decay=1e-2)
mse = nn.MSELoss()

for ep in range(20):
    net.train()
    shuffled = rng.permutation(tr)
    for k in range(0, len(tr), 32):
        b = shuffled[k:k + 32]
        opt.zero_grad()
        l = mse(net(Xt[b]), yt[b])
        l.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        vl = mse(net(Xt[va]), yt[va]).item()
    print("epoch", ep, "train", round(l.item(), 3), "val", round(vl, 3))

with torch.no_grad():
    pred = net(Xt[va]).numpy().ravel() * sy + my
print(f"final_metric={r2_score(y[va], pred):.4f}")
