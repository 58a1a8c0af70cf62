import copy
import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]


def accuracy(net):
    net.eval()
    with torch.no_grad():
        return (net(X[va]).argmax(1) == y[va]).float().mean().item()


def fit(net, lr, epochs):
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    net.train()
    for _ in range(epochs):
        for b in tr[torch.randperm(len(tr))].split(50):
            loss = nn.functional.cross_entropy(net(X[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    return loss.item()


net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
print("base", fit(net, 3e-3, 12), accuracy(net))

tuned = copy.deepcopy(net)
print("polish", fit(tuned, 1e-5, 12), accuracy(tuned))
print(f"final_metric={accuracy(tuned):.4f}")
