import os
from collections import OrderedDict

import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
STATES = ["ok", "worn", "loose", "dry"]
signature = 0.9 * torch.randn(len(STATES), 16)


def vibration(state, n):
    return signature[state] + torch.randn(n, 16)


def block(i, o):
    return nn.Sequential(OrderedDict(
        fc=nn.Linear(i, o),
        bn=nn.BatchNorm1d(o),
        act=nn.ReLU()))


model = nn.Sequential(block(16, 48), block(48, 48), nn.Linear(48, len(STATES)))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)

x = torch.cat([vibration(k, 500) for k in range(4)])
y = torch.arange(4).repeat_interleave(500)
val = {name: vibration(k, 150) for k, name in enumerate(STATES)}

for epoch in range(8):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(x)).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    model.eval()
    hits = {}
    with torch.no_grad():
        for k, (name, rows) in enumerate(val.items()):
            hits[name] = (model(rows).argmax(1) == k).float().mean().item()
    print("epoch", epoch, "loss %.3f" % (total / len(x)), {n: round(h, 2) for n, h in hits.items()})
print("final_metric=%.4f" % (sum(hits.values()) / len(hits)))
