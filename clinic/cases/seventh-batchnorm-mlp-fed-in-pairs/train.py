import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH_SIZE = 2
MAX_STEPS = 900
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.88) / 6.0
y = torch.tensor(d.target)
p = torch.randperm(len(X))
X, y = X[p], y[p]
Xtr, ytr, Xva, yva = X[:1400], y[:1400], X[1400:], y[1400:]


def block(i, o):
    return nn.Sequential(nn.Linear(i, o, bias=False), nn.BatchNorm1d(o), nn.ReLU())


net = nn.Sequential(block(64, 48), block(48, 48), block(48, 32), nn.Linear(32, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
step = 0
while step < MAX_STEPS:
    net.train()
    for b in torch.randperm(1400).split(BATCH_SIZE):
        if len(b) < BATCH_SIZE:
            continue
        loss = nn.functional.cross_entropy(net(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        if step % 90 == 0 or step == MAX_STEPS:
            net.eval()
            with torch.no_grad():
                out = net(Xva)
            acc = (out.argmax(1) == yva).float().mean().item()
            print(f"step {step} loss {loss.item():.3f} val loss {nn.functional.cross_entropy(out, yva).item():.3f} acc {acc:.3f}")
            net.train()
        if step >= MAX_STEPS:
            break
print(f"final_metric={acc:.4f}")
