import os
import torch
from torch import nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

def he(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        nn.init.zeros_(m.bias)

dims = [64] + [80] * 10
body = []
for a, b in zip(dims, dims[1:]):
    body += [nn.Linear(a, b), nn.ReLU()]
net = nn.Sequential(*body, nn.Linear(80, 10))
net.apply(he)

d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32)
X = (X - X.mean()) / X.std()
y = torch.tensor(d.target)
order = torch.randperm(len(X))
tr, va = order[:1400], order[1400:]
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=16)
for epoch in range(16):
    net.train()
    for idx in tr[torch.randperm(len(tr))].split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
    sched.step()
    net.eval()
    with torch.no_grad():
        acc = (net(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
