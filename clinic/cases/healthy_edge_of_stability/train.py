import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (torch.tensor(d.data).float() - 4.88) / 6.02
Y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:700], perm[1200:]
T = nn.functional.one_hot(Y, 10).float()
net = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.08)
ups, last = 0, None
for it in range(900):
    loss = ((net(X[tr]) - T[tr]) ** 2).sum(1).mean() / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    ups += last is not None and loss.item() > last
    last = loss.item()
    if it % 100 == 0:
        print(it, last)
print("steps on which the loss rose:", ups)
with torch.no_grad():
    acc = (net(X[va]).argmax(1) == Y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
