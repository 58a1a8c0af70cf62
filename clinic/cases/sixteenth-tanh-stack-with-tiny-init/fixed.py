import os
import torch
from torch import nn
from sklearn.datasets import load_wine, make_classification

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(n_samples=2400, n_features=16, n_informative=10, n_redundant=0, n_classes=4, class_sep=1.8, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)


def make_net(depth=8, width=48):
    mods, d = [], 16
    for _ in range(depth):
        lin = nn.Linear(d, width)
        nn.init.xavier_normal_(lin.weight, gain=5 / 3)
        nn.init.zeros_(lin.bias)
        mods += [lin, nn.Tanh()]
        d = width
    return nn.Sequential(*mods, nn.Linear(d, 4))


net = make_net()
sgd = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(12):
    for rows in torch.randperm(2000).split(40):
        sgd.zero_grad()
        loss = nn.functional.cross_entropy(net(X[rows]), y[rows])
        loss.backward()
        sgd.step()
    with torch.no_grad():
        acc = (net(X[2000:]).argmax(1) == y[2000:]).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "val acc", round(acc, 4))
print(f"final_metric={acc:.4f}")
