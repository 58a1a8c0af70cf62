import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

# will the customer buy?  probability between 0.1 and 0.9, so the Bayes rate is only about 0.71
n = 6000
X = rng.normal(size=(n, 6)).astype(np.float32)
logit = 1.0 * X[:, 0] - 0.8 * X[:, 1] * X[:, 2] + 0.5 * np.sin(2 * X[:, 3])
p = 1 / (1 + np.exp(-logit))
y = (rng.random(n) < p).astype(np.int64)
bayes = np.maximum(p, 1 - p)[4500:].mean()

tr = TensorDataset(torch.from_numpy(X[:4500]), torch.from_numpy(y[:4500]))
Xv, yv = torch.from_numpy(X[4500:]), torch.from_numpy(y[4500:])
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
for epoch in range(10):
    for xb, yb in DataLoader(tr, batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    sched.step()
    with torch.no_grad():
        out = net(Xv)
        print(epoch, nn.functional.cross_entropy(out, yv).item(), (out.argmax(1) == yv).float().mean().item())
with torch.no_grad():
    acc = (net(Xv).argmax(1) == yv).float().mean().item()
print(f"Bayes rate {bayes:.4f}")
print(f"final_metric={acc:.4f}")
