import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
INIT_STD = 0.005
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std()).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
tr, te = perm[:1300], perm[1300:]

sizes = [64, 64, 64, 48, 32, 10]
layers = []
for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
    linear = nn.Linear(a, b)
    nn.init.normal_(linear.weight, 0.0, INIT_STD)
    nn.init.zeros_(linear.bias)
    layers.append(linear)
    if i < len(sizes) - 2:
        layers.append(nn.ReLU())
net = nn.Sequential(*layers)

optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    net.train()
    for idx in tr[torch.randperm(len(tr))].split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        acc = (net(X[te]).argmax(1) == y[te]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
