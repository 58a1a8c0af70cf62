import os
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(1500, noise=0.15, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
mods, w = [], 2
for _ in range(5):
    mods += [nn.Linear(w, 32), nn.BatchNorm1d(32), nn.Sigmoid()]
    w = 32
net = nn.Sequential(*mods, nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    net.train()
    for b in torch.randperm(1000).split(50):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (net(X[1000:]).argmax(1) == y[1000:]).float().mean())
