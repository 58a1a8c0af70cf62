import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

BN_MOM = 1e-4
torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits(); x = torch.tensor(d.images).float()[:, None] / 4 - 1.2; y = torch.tensor(d.target)
perm = torch.randperm(1797); x, y = x[perm], y[perm]
m = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16, momentum=BN_MOM), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16, momentum=BN_MOM), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32, momentum=BN_MOM), nn.ReLU(), nn.Linear(32, 10))
opt = torch.optim.Adam(m.parameters(), lr=2e-3)
def loop(lo, hi, train):
    m.train(train); hits = tot = 0
    with torch.set_grad_enabled(train):
        for b in (torch.randperm(hi - lo) + lo).split(32):
            out = m(x[b]); loss = nn.functional.cross_entropy(out, y[b])
            if train: opt.zero_grad(); loss.backward(); opt.step()
            hits += (out.argmax(1) == y[b]).sum().item(); tot += loss.item() * len(b)
    return tot / (hi - lo), hits / (hi - lo)
for ep in range(7):
    print("epoch", ep, "train (%.3f, %.3f)" % loop(0, 1408, True), "val (%.3f, %.3f)" % loop(1408, 1797, False))
print("final_metric=%.4f" % loop(1408, 1797, False)[1])
