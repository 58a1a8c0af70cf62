import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
X = torch.tensor(digits.data, dtype=torch.float32).div(16).sub(0.3).div(0.38)
Y = torch.tensor(digits.target)
idx = torch.randperm(len(X))
tr, te = idx[:1400], idx[1400:]

net = nn.Sequential(nn.Linear(64, 80), nn.ReLU(), nn.Linear(80, 40), nn.ReLU(), nn.Linear(40, 10))
sgd = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)


def batches():
    p = tr[torch.randperm(len(tr))]
    yield from p.split(50)


for epoch in range(25):
    losses = []
    for b in batches():
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    print(f"{epoch} {sum(losses) / len(losses):.4f}")
with torch.no_grad():
    out = net(X[te])
    print("test nll", nn.functional.cross_entropy(out, Y[te]).item())
    print(f"final_metric={(out.argmax(1) == Y[te]).float().mean().item():.4f}")
