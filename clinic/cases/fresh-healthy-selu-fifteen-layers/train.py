import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6
y = torch.tensor(d.target)
p = torch.randperm(len(X)); X, y = X[p], y[p]


def lecun(m):
    if isinstance(m, nn.Linear):
        nn.init.normal_(m.weight, std=m.in_features ** -0.5)
        nn.init.zeros_(m.bias)


sizes = [64] + [40] * 15
body = []
for i, o in zip(sizes, sizes[1:]):
    body += [nn.Linear(i, o), nn.SELU()]
net = nn.Sequential(*body, nn.Linear(40, 10)).apply(lecun)
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(15):
    for b in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (net(X[1400:]).argmax(1) == y[1400:]).float().mean())
