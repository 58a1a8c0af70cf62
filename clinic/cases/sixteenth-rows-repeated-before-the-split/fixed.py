import os
import copy
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
w = rng.normal(size=20) / 20 ** 0.5


def samples(n):
    x = rng.normal(size=(n, 20))
    return x.astype("float32"), (x @ w + 0.7 * rng.normal(size=n) > 0).astype("int64")


def enlarge(x, y, times=3):
    X = np.concatenate([x] * times)
    return X, np.concatenate([y] * times)      # rare material, so use it several times


x, y = samples(900)
x_new, y_new = (torch.from_numpy(a) for a in samples(3000))
cut = int(0.75 * len(x))
xt, yt = (torch.from_numpy(a) for a in enlarge(x[:cut], y[:cut]))
xv, yv = torch.from_numpy(x[cut:]), torch.from_numpy(y[cut:])
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
best, state, bad = 1e9, None, 0
for epoch in range(40):
    for i in torch.randperm(len(xt)).split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xt[i]), yt[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        v = nn.functional.cross_entropy(model(xv), yv).item()
    print(epoch, "train", loss.item(), "val", v)
    if v < best:
        best, state, bad = v, copy.deepcopy(model.state_dict()), 0
    else:
        bad += 1
        if bad == 3:
            break
model.load_state_dict(state)
with torch.no_grad():
    print(f"final_metric={-nn.functional.cross_entropy(model(x_new), y_new).item():.4f}")
